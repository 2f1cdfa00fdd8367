// Apilist writes the exported API of the module's packages into the folder api:
// one file per package, one line per exported identifier. So a change of the
// API shows in a diff. Run it in the root of the module.
//
//	go run ./internal/apilist         write the files, and remove those of packages that are gone
//	go run ./internal/apilist -check  write nothing, and exit with 1 and a diff if a file is not up to date
//
// house.go says which packages are listed. The lines of a package are in this
// order: constants, variables, functions, types. A type is followed by its
// fields and methods. Members promoted from an embedded unexported type are
// listed; those promoted from an exported one are not, since the line
// "embedded" implies them. An unexported type is listed if an exported
// declaration mentions it, because its fields and methods can be used. A
// comment after "//" says what else a user can notice: that something is
// deprecated or has unexported fields or methods, or that a struct cannot be
// compared.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
)

func main() {
	check := flag.Bool("check", false, "compare the files instead of writing them")
	flag.Parse()
	if err := run(".", gohost, *check, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "apilist:", err)
		os.Exit(1) //nolint:forbidigo // this is a main, though not in cmd
	}
}

// run writes the listings of the module in the folder dir, or compares them.
func run(dir string, h house, check bool, w io.Writer) error {
	packages, err := h.packages(dir)
	if err != nil {
		return err
	}
	listings := make(map[string]string)
	for _, p := range packages {
		listings[p.file] = list(p).String()
	}
	if check {
		return compare(dir, listings)
	}
	return write(dir, listings, w)
}
