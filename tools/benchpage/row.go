package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"golang.org/x/perf/benchmath"
)

// sample is what some runs of a benchmark gave.
type sample struct {
	median, least, most float64
	runs                int
}

func newSample(values []float64) sample {
	sorted := benchmath.NewSample(values, &benchmath.DefaultThresholds)
	return sample{benchmath.AssumeNothing.Summary(sorted, 0.95).Center, sorted.Values[0], sorted.Values[len(values)-1], len(values)}
}

// over is the ratio of two medians.
func over(a, b sample) sample { return newSample([]float64{a.median / b.median}) }

func (s sample) String() string {
	if s.runs == 1 {
		return readable(s.median)
	}
	return fmt.Sprintf("%s (%s to %s)", readable(s.median), readable(s.least), readable(s.most))
}

// readable writes three digits that count, and thousands apart.
func readable(v float64) string {
	if math.Abs(v) < 1000 {
		return strconv.FormatFloat(v, 'g', 3, 64)
	}
	step := math.Pow(10, math.Floor(math.Log10(math.Abs(v)))-2)
	text := strconv.FormatFloat(math.Round(v/step)*step, 'f', 0, 64)
	var groups []string
	for len(text) > 3 {
		groups = append([]string{text[len(text)-3:]}, groups...)
		text = text[:len(text)-3]
	}
	return strings.Join(append([]string{text}, groups...), ",")
}

// target is what a median has to reach.
type target struct {
	words string
	met   func(float64) bool
}

func atLeast(bound float64) target {
	return target{fmt.Sprintf("at least %v", bound), func(v float64) bool { return v >= bound }}
}

func atMost(bound float64) target {
	return target{fmt.Sprintf("at most %v", bound), func(v float64) bool { return v <= bound }}
}

func missed(s sample, t target) bool { return !t.met(s.median) }

// row is a line of a table of three columns: what was measured, what came out, the target.
func row(what string, s sample, targets ...target) string {
	cell := ""
	for _, t := range targets {
		cell = t.words + ": met"
		if missed(s, t) {
			cell = t.words + ": **missed**"
		}
	}
	return fmt.Sprintf("| %s | %s | %s |", what, s, cell)
}
