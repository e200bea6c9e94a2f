<CsoundSynthesizer>
<CsInstruments>
; bqrez is the textbook bilinear two-pole; its resonance is Q. The Debian build computes in doubles.
sr = 48000
ksmps = 64
nchnls = 1
0dbfs = 1

instr 1
  kSweep madsr 1, 4, 0.5, 0.4
  aLoudness madsr 0.5, 3, 0.7, 0.4
  aSaw vco2 1, p4
  aLow bqrez aSaw, 600 * powoftwo(4 * kSweep), 2
  out aLow * aLoudness * 0.01
endin
</CsInstruments>
<CsScore>
NOTES
</CsScore>
</CsoundSynthesizer>
