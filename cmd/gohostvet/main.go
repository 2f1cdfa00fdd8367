// Command gohostvet finds mistakes with streams that are iterators of type
// iter.Seq2[T, error], as in the stubs of protoc-gen-gohost. Run it alone:
//
//	go install github.com/gohostrpc/gohost/cmd/gohostvet@latest
//	gohostvet ./...
//
// or with go vet, which caches its results:
//
//	go vet -vettool=$(which gohostvet) ./...
//
// Package golangci is its plugin for golangci-lint.
//
// The checks (a flag such as -droppederror selects one):
//
//	droppederror     a loop or a channel that drops a sequence's error
//	ignorederror     a loop that compares a sequence's error and continues
//	ignoredposition  a stream that is not resumed at its position
//	ignoredyield     a sequence that continues although yield may have returned false
//	keptmessage      a message that is kept past its iteration although it is reused
//	keptyield        a goroutine that yields, but the sequence does not wait for it
//	unclosed         a conversation that is opened and never closed
//	unranged         a sequence that is made and never ranged, so nothing happens
//	unscoped         requests, or a call, with a context that outlives the call
//	unstopped        a sequence that is pulled, or in a channel, and never stopped
//	yieldedeof       a sequence or method that ends with io.EOF
//
// Two more checks find code that can be migrated from protoc-gen-go-grpc. They run only
// if named, as in "gohostvet -oldclient -fix ./...". Command gohostmigrate migrates more,
// since it follows clients and servers through packages.
//
//	oldclient        a client that can be a stub
//	oldserver        a server that can be implemented with iterators
package main

import (
	"os"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/multichecker"

	"github.com/gohostrpc/gohost/cmd/gohostvet/analyzers"
)

func main() { multichecker.Main(chosen(os.Args[1:])...) }

// chosen returns the analyzers to run: multichecker runs all its analyzers
// unless some are named. "go vet" first asks for all flags with -flags.
func chosen(args []string) []*analysis.Analyzer {
	all := analyzers.All()
	for _, a := range analyzers.Moving() {
		if slices.ContainsFunc(args, func(arg string) bool {
			return arg == "-flags" || arg == "help" || strings.HasPrefix(strings.TrimLeft(arg, "-"), a.Name)
		}) {
			all = append(all, a)
		}
	}
	return all
}
