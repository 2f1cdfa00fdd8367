// Table reads the output of "go test -json" and prints which component passed which
// case. A component is a test, and a case is one of its innermost subtests. Values that
// a test records with t.Attr("seen", …) are printed next to the result.
//
//	go test -json ./... | go run ./internal/table
//
// Below the table, it prints the output of failed tests, and why tests were skipped. It
// exits with 1 if a test failed, a package did not build, or there were no tests.
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
