package ingest

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/netip"
)

// Source is one configured sender.
type Source struct {
	Name           string
	TokenHashes    [2][sha256.Size]byte // two, so that a token can be changed without a gap; an unused one is zero
	Networks       []netip.Prefix       // where its requests come from, as far as it publishes that
	OnStoreFailure StoreFailure
}

// StoreFailure says how a source is made to send again what could not be stored.
type StoreFailure string

// The ways to make a sender repeat.
const (
	FailWithError StoreFailure = "error" // most senders repeat on 5xx
	FailByStall   StoreFailure = "stall" // Branch repeats only what took longer than 2 s
)

// Sources knows the configured senders by name.
type Sources interface {
	Source(name string) (Source, bool)
}

// verifyToken compares in constant time, and does the same work for a source that does not exist: neither the answer nor its timing tells
// a stranger which names or tokens are real.
func verifyToken(source Source, known bool, token string) Verdict {
	sum := sha256.Sum256([]byte(token))
	match := subtle.ConstantTimeCompare(sum[:], source.TokenHashes[0][:]) | subtle.ConstantTimeCompare(sum[:], source.TokenHashes[1][:])
	switch {
	case !known:
		return VerdictUnknownSource
	case match != 1:
		return VerdictBadToken
	default:
		return VerdictOK
	}
}

func (s Source) judgeIP(address string) IPVerdict {
	if len(s.Networks) == 0 {
		return IPNoList
	}
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return IPNotListed
	}
	for _, network := range s.Networks {
		if network.Contains(ip.Unmap()) {
			return IPListed
		}
	}
	return IPNotListed
}
