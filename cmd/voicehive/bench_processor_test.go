//go:build bench

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// processorTime is what the programs of a stack took, in milliseconds. Where
// the processors are busy all the time it says what each part costs, better
// than any clock. It knows programs by their names, so nothing else of those
// names may run; without /proc it stays empty.
type processorTime map[string]float64

// parts of a measurement, by the names of their programs.
var parted = map[string]string{"devstack": "Temporal", "postgres": "Postgres", "voicehive": "VoiceHive and hotel system"}

// of adds what the programs take while f runs.
func (p *processorTime) of(f func() percentiles) percentiles {
	before := taken()
	result := f()
	if *p == nil {
		*p = processorTime{}
	}
	for part, ms := range taken() {
		(*p)[part] += max(0, ms-before[part])
	}
	return result
}

// per tells the times of one operation.
func (p processorTime) per(operations float64) string {
	var told []string
	for _, part := range []string{"Temporal", "Postgres", "VoiceHive and hotel system", "callers and bare worker"} {
		told = append(told, fmt.Sprintf("%s %.1f", part, p[part]/operations))
	}
	return strings.Join(told, ", ")
}

// taken reads the programs' times so far. A process that ended meanwhile is
// missed.
func taken() processorTime {
	const perTick = 10 // ms; what Linux tells since long
	now := processorTime{}
	files, _ := filepath.Glob("/proc/[0-9]*/stat")
	own := filepath.Base(os.Args[0])
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			continue
		}
		_, rest, _ := strings.Cut(string(text), "(")
		name, rest, found := strings.Cut(rest, ") ")
		fields := strings.Fields(rest)
		if !found || len(fields) < 13 {
			continue
		}
		part, known := parted[name]
		if !known && strings.HasPrefix(own, name) {
			part, known = "callers and bare worker", true
		}
		user, _ := strconv.ParseFloat(fields[11], 64)
		system, _ := strconv.ParseFloat(fields[12], 64)
		if known {
			now[part] += (user + system) * perTick
		}
	}
	return now
}
