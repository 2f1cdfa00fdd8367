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
// The checks, of which each can be chosen by its flag, such as -droppederror:
//
//	droppederror  a loop that drops a sequence's error
//	ignoredyield  a sequence that goes on although yield may have returned false
//	unranged      a sequence that is made and never ranged, so nothing happens
//	keptmessage   a message that is kept past its iteration though it is reused
package main

import (
	"golang.org/x/tools/go/analysis/multichecker"

	"github.com/gohostrpc/gohost/cmd/gohostvet/droppederror"
	"github.com/gohostrpc/gohost/cmd/gohostvet/ignoredyield"
	"github.com/gohostrpc/gohost/cmd/gohostvet/keptmessage"
	"github.com/gohostrpc/gohost/cmd/gohostvet/unranged"
)

func main() {
	multichecker.Main(
		droppederror.Analyzer,
		ignoredyield.Analyzer,
		keptmessage.Analyzer,
		unranged.Analyzer,
	)
}
