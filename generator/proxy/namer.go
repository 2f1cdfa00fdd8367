package proxy

import (
	"fmt"
	"strings"
)

// namer gives out unique names.
type namer struct {
	fold  bool // ignore case
	taken map[string]bool
	next  map[string]int // the first number to try, by requested name
}

// unique returns name or, if that is taken, the first free one of name-2,
// name-3 and so on.
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
