// Table reads what "go test -json" prints and writes which component passed
// which case. A component is a test, a case is a subtest of it, down to the
// last one; what a test records by t.Attr("seen", …) stands beside the result.
//
//	go test -json ./... | go run ./internal/table
//
// Below the table stands the output of what failed, and why a test was skipped.
// It exits with 1 when a test failed or a package did not build, and
// when there was no test at all.
package main

import (
	"fmt"
	"io"
	"os"
)

func main() {
	if err := run(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "table:", err)
		os.Exit(1)
	}
}

func run(in io.Reader, out io.Writer) error {
	results, err := read(in)
	if err != nil {
		return err
	}
	if err := results.write(out); err != nil {
		return err
	}
	return results.check()
}
