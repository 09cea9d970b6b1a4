package chance_test

import (
	"testing"

	"backstop/local/chance"
)

// struck plays 1,000 occasions.
func struck(seed int64, every int) (count int, marks string) {
	var c chance.Chance
	c.Reset(seed)
	for range 1000 {
		if c.Strikes("fault", every) {
			count++
			marks += "x"
		} else {
			marks += "."
		}
	}
	return count, marks
}

func TestStrikesOneInSoMany(t *testing.T) {
	for _, test := range []struct{ every, least, most int }{{0, 0, 0}, {-1, 0, 0}, {1, 1000, 1000}, {2, 400, 600}, {10, 70, 130}} {
		if got, _ := struck(1, test.every); got < test.least || got > test.most {
			t.Errorf("one in %d struck %d of 1000, want %d to %d", test.every, got, test.least, test.most)
		}
	}
}

func TestTheSeedDecides(t *testing.T) {
	_, a := struck(7, 5)
	_, again := struck(7, 5)
	_, other := struck(8, 5)
	if a != again {
		t.Error("the same seed struck other occasions")
	}
	if a == other {
		t.Error("another seed struck the same occasions")
	}
}
