<CsoundSynthesizer>
<CsInstruments>
sr = 48000
ksmps = 64
nchnls = 1
0dbfs = 1

instr 1
  kLoudness madsr 0.5, 1, 0.7, 1
  aLoudness interp kLoudness
  aSaw vco2 1, p4
  aLow bqrez aSaw, 2400, 2
  out aLow * aLoudness * 0.01
endin

instr 2
  kLoudness madsr 0.5, 1, 0.7, 1
  aLoudness interp kLoudness
  aSquare vco2 1, p4, 10
  aLow bqrez aSquare, 1500, 1
  out aLow * aLoudness * 0.01
endin
</CsInstruments>
<CsScore>
NOTES
</CsScore>
</CsoundSynthesizer>
