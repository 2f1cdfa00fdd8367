package wires

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	docpage "github.com/gohostrpc/gohost/e2e/internal/page"
)

// TestPage compares the tables of the page with the tested table.
func TestPage(t *testing.T) {
	t.Parallel()
	docpage.Compare(t, "wires", markdown(table)+"\n")
}

// notes are the outcomes that do not fit into a cell.
type notes []string

// cell returns the text of a cell.
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

// markdown returns the rows as tables: of clients, of other servers, and of proxies.
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
	write("gohostconnect.NewConn and servers of other implementations:", "server", func(r row) string { return r.server },
		func(r row) bool { return r.server != "gohostconnect" && servers[r.server] != nil })
	write("Clients of a server of gohostconnect behind a proxy:", "proxy and client", func(r row) string { return r.server + ": " + r.client },
		func(r row) bool { return servers[r.server] == nil })
	text.WriteString("\n")
	for i, note := range n {
		fmt.Fprintf(&text, "%d. `%s`\n", i+1, note)
	}
	return text.String()
}
