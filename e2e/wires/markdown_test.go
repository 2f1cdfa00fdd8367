package wires

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the tables into docs/wires.md instead of comparing them")

const (
	page       = "../../docs/wires.md"
	begin, end = "<!-- wires -->", "<!-- /wires -->"
)

// TestPage compares the tables of the page with the one whose cells are tested.
func TestPage(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(page)
	if os.IsNotExist(err) {
		t.Skip("there is no page yet")
	}
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(text), begin)
	got, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("%s has no %s … %s", page, begin, end)
	}
	want := "\n" + markdown(table) + "\n"
	if got == want {
		return
	}
	if !*update {
		t.Fatalf("%s does not have the tables below: go test ./wires -run TestPage -update\n%s", page, want)
	}
	if err := os.WriteFile(page, []byte(before+begin+want+end+after), 0o666); err != nil { //nolint:gosec // it is a page
		t.Fatal(err)
	}
}

// notes are the outcomes that do not fit into a cell.
type notes []string

// cell returns what stands in a cell.
func (n *notes) cell(r row, column string) string {
	outcome, asked := r.cells[column]
	switch {
	case !asked:
		return ""
	case outcome == works:
		return "yes"
	}
	failure, luck := strings.CutPrefix(outcome, sometimes(""))
	at := slices.Index(*n, failure)
	if at < 0 {
		at = len(*n)
		*n = append(*n, failure)
	}
	if luck {
		return fmt.Sprintf("by luck [%d]", at+1)
	}
	return fmt.Sprintf("no [%d]", at+1)
}

// markdown returns the rows as tables: of clients, of others' servers, and of proxies.
func markdown(rows []row) string {
	var text strings.Builder
	var n notes
	write := func(heading, name string, of func(row) string, pick func(row) bool) {
		fmt.Fprintf(&text, "\n%s\n\n| %s | wire | %s |\n|%s\n", heading, name, strings.Join(columns, " | "), strings.Repeat(" --- |", len(columns)+2))
		for _, r := range rows {
			if !pick(r) {
				continue
			}
			fmt.Fprintf(&text, "| %s | %s, HTTP/%s |", of(r), r.protocol, map[int]string{1: "1.1", 2: "2"}[r.http])
			for _, column := range columns {
				fmt.Fprintf(&text, " %s |", n.cell(r, column))
			}
			text.WriteString("\n")
		}
	}
	client := func(r row) string { return r.client }
	write("Clients of a server of gohostconnect:", "client", client, func(r row) bool { return r.server == "gohostconnect" })
	write("gohostconnect.NewConn and the servers of others:", "server", func(r row) string { return r.server },
		func(r row) bool { return r.server != "gohostconnect" && servers[r.server] != nil })
	write("Clients of a server of gohostconnect behind a proxy:", "proxy and client", func(r row) string { return r.server + ": " + r.client },
		func(r row) bool { return servers[r.server] == nil })
	text.WriteString("\n")
	for i, note := range n {
		fmt.Fprintf(&text, "%d. `%s`\n", i+1, note)
	}
	return text.String()
}
