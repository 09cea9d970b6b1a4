package ingest

import (
	"crypto/rand"
	"encoding/hex"
	"time"
)

// NewID makes a UUID version 7 (RFC 9562, 5.7): its first 48 bits are the milliseconds of at, so that ids sort by time.
func NewID(at time.Time) string {
	var id [16]byte
	rand.Read(id[:]) // never fails: crypto/rand ends the process when the system has no randomness
	ms := uint64(at.UnixMilli())
	for i := range 6 {
		id[i] = byte(ms >> (40 - 8*i))
	}
	id[6] = id[6]&0x0f | 0x70
	id[8] = id[8]&0x3f | 0x80
	var text [36]byte
	hex.Encode(text[0:8], id[0:4])
	hex.Encode(text[9:13], id[4:6])
	hex.Encode(text[14:18], id[6:8])
	hex.Encode(text[19:23], id[8:10])
	hex.Encode(text[24:36], id[10:16])
	for _, dash := range []int{8, 13, 18, 23} {
		text[dash] = '-'
	}
	return string(text[:])
}
