package main

import (
	"fmt"
	"log"
	"math"
	"os"
	"regexp"
	"slices"

	"golang.org/x/perf/benchfmt"
	"golang.org/x/perf/benchmath"
)

// results are the measurements by benchmark and unit, in the order of the rounds.
type results map[string]map[string][]float64

// procs matches the number of processors after a name.
var procs = regexp.MustCompile(`-\d+$`)

func readResults(files ...string) (results, error) {
	all := make(results)
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		r := benchfmt.NewReader(f, name)
		for r.Scan() {
			res, ok := r.Result().(*benchfmt.Result)
			if !ok {
				continue
			}
			name := procs.ReplaceAllString(string(res.Name), "")
			if all[name] == nil {
				all[name] = make(map[string][]float64)
			}
			for _, v := range res.Values {
				all[name][v.Unit] = append(all[name][v.Unit], v.Value)
			}
		}
		if err := r.Err(); err != nil {
			return nil, err
		}
		if err := f.Close(); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// median returns the median of a benchmark in unit.
func (r results) median(name, unit string) float64 {
	return quantile(r.values(name, unit), 0.5)
}

func (r results) values(name, unit string) []float64 {
	v := r[name][unit]
	if len(v) == 0 {
		log.Fatalf("no result %s in %s: run the benchmark first", name, unit)
	}
	return v
}

// ratio is how two benchmarks compare. Each quotient is of one round, in which one was
// measured right after the other.
type ratio struct {
	low, mid, high float64
	p              float64 // the probability that the two do not differ
}

func (r results) ratio(unit, over, under string) ratio {
	a, b := r.values(over, unit), r.values(under, unit)
	var quotients []float64
	for i := range min(len(a), len(b)) {
		quotients = append(quotients, a[i]/b[i])
	}
	sample := func(values []float64) *benchmath.Sample {
		return benchmath.NewSample(slices.Clone(values), &benchmath.DefaultThresholds)
	}
	return ratio{
		quantile(quotients, 0.25), quantile(quotients, 0.5), quantile(quotients, 0.75),
		benchmath.AssumeNothing.Compare(sample(a), sample(b)).P,
	}
}

func quantile(values []float64, q float64) float64 {
	v := slices.Sorted(slices.Values(values))
	at := q * float64(len(v)-1)
	below := math.Floor(at)
	i := int(below)
	if i+1 >= len(v) {
		return v[i]
	}
	return v[i] + (at-below)*(v[i+1]-v[i])
}

func (r ratio) String() string {
	if r.mid == r.low && r.mid == r.high {
		return fmt.Sprintf("%.3g", r.mid)
	}
	return fmt.Sprintf("%.2f (%.2f–%.2f)", r.mid, r.low, r.high)
}
