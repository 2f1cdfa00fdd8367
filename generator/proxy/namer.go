package proxy

import (
	"fmt"
	"strings"
)

// namer gives names, each once.
type namer struct {
	fold  bool // names that differ in upper and lower case alone are one
	taken map[string]bool
	next  map[string]int // by a name that was asked for: the first number to try
}

// unique returns name or, where that is taken, the first of name-2, name-3 and so
// on that is not.
func (n *namer) unique(name string) string {
	if n.taken == nil {
		n.taken, n.next = make(map[string]bool), make(map[string]int)
	}
	base, free := n.key(name), name
	for i := max(2, n.next[base]); n.taken[n.key(free)]; i++ {
		free = fmt.Sprintf("%s-%d", name, i)
		n.next[base] = i + 1
	}
	n.taken[n.key(free)] = true
	return free
}

func (n *namer) key(name string) string {
	if n.fold {
		return strings.ToLower(name)
	}
	return name
}
