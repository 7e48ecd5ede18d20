package main

import (
	"fmt"
	"slices"
	"syscall"
	"time"
)

// series has a value of a contender for each round.
type series []float64

func (s series) median() float64 {
	sorted := slices.Sorted(slices.Values(s))
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return (sorted[middle-1] + sorted[middle]) / 2
}

// ratio returns the median of the ratios to a baseline, round by round.
func (s series) ratio(baseline series) float64 {
	ratios := make(series, len(s))
	for i := range s {
		ratios[i] = s[i] / baseline[i]
	}
	return ratios.median()
}

// takeTurns calls run for each contender once per round. Each round starts with another contender.
func takeTurns(rounds, contenders int, run func(contender int) error) error {
	for round := range rounds {
		for turn := range contenders {
			if err := run((round + turn) % contenders); err != nil {
				return err
			}
		}
	}
	return nil
}

// processorTime returns the time of this process on all processors. On a busy machine it says more than the clock.
func processorTime() (time.Duration, error) {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0, fmt.Errorf("processor time: %w", err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano()), nil
}
