package ingest

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"slices"
)

// Fingerprint is equal for two requests only if their source, their parameters in any order, and their body are the same. Every part is
// written with its length before it, so that no two different requests give the same bytes to hash.
func Fingerprint(source string, params Params, body string) string {
	sorted := slices.Clone(params)
	slices.SortFunc(sorted, func(a, b Param) int {
		return cmp.Or(cmp.Compare(a.Key, b.Key), cmp.Compare(a.Value, b.Value))
	})
	h := sha256.New()
	writePart(h, source)
	writeLength(h, len(sorted))
	for _, p := range sorted {
		writePart(h, p.Key)
		writePart(h, p.Value)
	}
	writePart(h, body)
	return hex.EncodeToString(h.Sum(nil))
}

func writePart(h hash.Hash, s string) {
	writeLength(h, len(s))
	h.Write([]byte(s))
}

func writeLength(h hash.Hash, n int) {
	var length [8]byte
	binary.BigEndian.PutUint64(length[:], uint64(n))
	h.Write(length[:])
}
