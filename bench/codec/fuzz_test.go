package codec

import (
	"math/rand/v2"
	"testing"
)

// For any bytes, both codecs give the same message, and the same bytes for that
// message.
func FuzzCodecs(f *testing.F) {
	r := rand.New(rand.NewPCG(5, 6))
	for i, m := range types {
		for range 10 {
			data, err := grpcs.Marshal(random(r, m))
			if err != nil {
				f.Fatal(err)
			}
			other, err := vt.Marshal(random(r, m))
			if err != nil {
				f.Fatal(err)
			}
			f.Add(byte(i), data.Materialize(), other.Materialize())
		}
	}
	f.Fuzz(func(t *testing.T, i byte, data, before []byte) {
		m := types[int(i)%len(types)]
		used := empty(m)
		if grpcs.Unmarshal(bufs(before), used) != nil {
			used = nil
		}
		checkUnmarshal(t, m, used, data)
		got := empty(m)
		if vt.Unmarshal(bufs(data), got) == nil {
			checkMarshal(t, got)
		}
	})
}
