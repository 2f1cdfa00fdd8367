package contract

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gohostrpc/gohost/e2e/internal/page"
)

// TestTable checks the table of the exceptions in the page.
func TestTable(t *testing.T) {
	t.Parallel()
	page.Compare(t, "contract", table(t))
}

// table returns the table of promises and wires. Each cell says that the promise holds,
// or has the number of the exception.
func table(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("\n| promise |")
	for _, w := range wires {
		fmt.Fprintf(&b, " %s |", w.title)
	}
	b.WriteString("\n| --- |" + strings.Repeat(" --- |", len(wires)) + "\n")
	for _, p := range promises {
		names := testsOf(t, p.files)
		fmt.Fprintf(&b, "| %s |", p.title)
		for _, w := range wires {
			cell := "holds"
			for i, e := range exceptions {
				if slices.Contains(e.wires, w.name) && slices.ContainsFunc(names, func(n string) bool { return regexp.MustCompile(e.tests).MatchString(n) }) {
					cell += fmt.Sprintf(" [%d]", i+1)
				}
			}
			fmt.Fprintf(&b, " %s |", cell)
		}
		b.WriteString("\n")
	}
	b.WriteString("\n")
	for i, e := range exceptions {
		fmt.Fprintf(&b, "%d. %s.\n", i+1, e.why)
	}
	return b.String() + "\n"
}

// testsOf returns the names of the tests in files of package stub, and the names of
// their subtests.
func testsOf(t *testing.T, files []string) []string {
	t.Helper()
	var names []string
	for _, f := range files {
		data, err := os.ReadFile(filepath.Join("../../stub", f+"_test.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, function := range strings.Split(string(data), "\nfunc ")[1:] {
			name, _, _ := strings.Cut(function, "(")
			if !strings.HasPrefix(name, "Test") && !strings.HasPrefix(name, "Fuzz") {
				continue
			}
			names = append(names, name)
			var subtests []string
			for _, s := range regexp.MustCompile(`"([a-z ,]+)":|/([a-z ]+)"`).FindAllStringSubmatch(function, -1) {
				subtests = append(subtests, strings.ReplaceAll(s[1]+s[2], " ", "_"))
			}
			if regexp.MustCompile(`range (loops|senders|calls|handlers)\b`).MatchString(function) {
				subtests = append(subtests, "bidirectional", "client_streaming", "server_streaming")
			}
			for _, outer := range subtests {
				names = append(names, name+"/"+outer)
				for _, inner := range subtests {
					names = append(names, name+"/"+outer+"/"+inner)
				}
			}
		}
	}
	return names
}
