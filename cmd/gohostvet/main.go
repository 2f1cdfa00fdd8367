// Command gohostvet finds mistakes with streams that are iterators, an
// iter.Seq2[T, error], as in the stubs made by protoc-gen-gohost. By itself:
//
//	go install github.com/gohostrpc/gohost/cmd/gohostvet@latest
//	gohostvet ./...
//
// and with go vet, which caches what it has found:
//
//	go vet -vettool=$(which gohostvet) ./...
//
// Package golangci is its plugin for golangci-lint.
//
// The checks, of which each can be chosen by its flag, such as -droppederror:
//
//	droppederror     a loop or a channel that drops a sequence's error
//	ignorederror     a loop that compares a sequence's error and goes on
//	ignoredposition  a stream that is resumed, and not where it was
//	ignoredyield     a sequence that goes on although yield may have returned false
//	keptmessage      a message that is kept past its iteration though it is reused
//	keptyield        a goroutine that yields and that the sequence does not wait for
//	unclosed         a conversation that is opened and never closed
//	unranged         a sequence that is made and never ranged, so nothing happens
//	unscoped         requests, or a call, with a context that outlives the call
//	unstopped        a sequence that is pulled, or in a channel, and never stopped
//	yieldedeof       a sequence or method that ends with io.EOF
//
// Two find no mistakes but what can be moved from protoc-gen-go-grpc, and run
// only if they are named, as in "gohostvet -oldclient -fix ./...". Command
// gohostmigrate moves more, since it follows clients and servers through packages.
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

// chosen returns the analyzers to run: multichecker runs all that it is given,
// unless some are named. "go vet" asks for all flags by -flags first.
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
