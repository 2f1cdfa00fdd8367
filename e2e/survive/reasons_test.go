package survive

import (
	"fmt"
	"slices"
	"strings"
	"sync"
)

// reasons counts the reasons of retries, for the log.
type reasons struct {
	mu     sync.Mutex
	counts map[string]int
}

func (r *reasons) add(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.counts == nil {
		r.counts = make(map[string]int)
	}
	r.counts[err.Error()]++
}

// take returns the reasons since the last call, the most frequent first.
func (r *reasons) take() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var lines []string
	for reason, n := range r.counts {
		lines = append(lines, fmt.Sprintf("%8d × %s", n, reason))
	}
	clear(r.counts)
	slices.Sort(lines)
	slices.Reverse(lines)
	return strings.Join(lines, "\n")
}
