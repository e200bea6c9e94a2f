<CsoundSynthesizer>
<CsInstruments>
sr = 48000
ksmps = 64
nchnls = 1
0dbfs = 1

instr 1
  aSaw vco2 0.01, p4
  out aSaw
endin
</CsInstruments>
<CsScore>
NOTES
</CsScore>
</CsoundSynthesizer>
