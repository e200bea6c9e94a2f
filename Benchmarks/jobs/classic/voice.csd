<CsoundSynthesizer>
<CsInstruments>
sr = 48000
ksmps = 64
nchnls = 1
0dbfs = 1

instr 1
  kSweep madsr 1, 4, 0.5, 0.4
  aLoudness madsr 0.5, 3, 0.7, 0.4
  kVibrato lfo 1, 5
  kPitch = p4 * semitone(kVibrato * 0.2)
  aSaw vco2 1, kPitch
  aSquare vco2 1, kPitch * semitone(0.07), 10
  aLow bqrez aSaw + aSquare, 600 * powoftwo(4 * kSweep), 1
  out aLow * aLoudness * 0.005
endin
</CsInstruments>
<CsScore>
NOTES
</CsScore>
</CsoundSynthesizer>
