// Command gohostmigrate migrates code from protoc-gen-go-grpc to
// protoc-gen-gohost: clients become stubs, Recv loops become range statements,
// and handlers that send become sequences. Generate the stubs beside the
// existing code first.
//
//	go install github.com/gohostrpc/gohost/cmd/gohostvet/gohostmigrate@latest
//	gohostmigrate ./...
//
// Give it all packages that refer to each other. It does not change code that
// it cannot migrate safely, and lists it as "file:line: reason". The code that
// it writes compiles.
//
// Flags:
//
//	-diff   print what would change, and change nothing (the default)
//	-w      write the files
//	-json   print what is moved and what is left as JSON
//	-merge  if the error of opening a call is handled differently from that of
//	        Recv, handle it like that of Recv; each such place is listed
//	-split  if some calls of a client cannot be moved, keep a second client for
//	        them, and move the others
//	-tags   build tags, separated by commas
package main

import (
	"os"

	"github.com/gohostrpc/gohost/cmd/gohostvet/internal/migrate"
)

const usage = `usage: gohostmigrate [-diff | -w] [-json] [-merge] [-split] [-tags tags] packages

  -diff   print what would change, and change nothing (the default)
  -w      write the files
  -json   print what is moved and what is left as JSON
  -merge  if the error of opening a call is handled differently from that of
          Recv, handle it like that of Recv; each such place is listed
  -split  if some calls of a client cannot be moved, keep a second client for
          them, and move the others
  -tags   build tags, separated by commas
`

func main() {
	os.Exit(migrate.Command(".", os.Args[1:], usage, os.Stdout, os.Stderr))
}
