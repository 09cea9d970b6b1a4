package sqs_test

import (
	"fmt"
	"testing"

	"backstop/local/sqs"
)

// BenchmarkAtLength receives, deletes and sends one message at queue lengths that should not matter.
func BenchmarkAtLength(b *testing.B) {
	for _, length := range []int{10, 1_000, 100_000} {
		b.Run(fmt.Sprint(length), func(b *testing.B) {
			q, err := sqs.New(sqs.Options{}).Ensure("q", nil)
			if err != nil {
				b.Fatal(err)
			}
			send := func() {
				if err := q.Send(b.Context(), "message"); err != nil {
					b.Fatal(err)
				}
			}
			for range length {
				send()
			}
			for range length / 2 { // half of them in flight
				if _, err := q.Receive(b.Context(), 1, 0); err != nil {
					b.Fatal(err)
				}
			}
			for b.Loop() {
				got, err := q.Receive(b.Context(), 1, 0)
				if err != nil || len(got) != 1 {
					b.Fatalf("received %d, %v", len(got), err)
				}
				if err := q.Delete(b.Context(), []string{got[0].Receipt}); err != nil {
					b.Fatal(err)
				}
				send()
			}
		})
	}
}
