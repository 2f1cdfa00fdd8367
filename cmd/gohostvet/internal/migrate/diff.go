package migrate

import (
	"fmt"
	"strings"
)

// unified returns the unified diff of two texts of one file.
func unified(name, before, after string) string {
	a, b := strings.SplitAfter(before, "\n"), strings.SplitAfter(after, "\n")
	if a[len(a)-1] == "" {
		a = a[:len(a)-1]
	}
	if b[len(b)-1] == "" {
		b = b[:len(b)-1]
	}
	lines := compare(a, b)
	var out strings.Builder
	fmt.Fprintf(&out, "--- a/%s\n+++ b/%s\n", name, name)
	const around = 3
	for i := 0; i < len(lines); {
		if lines[i].op == ' ' {
			i++
			continue
		}
		start := max(i-around, 0)
		end, same := i, 0
		for end < len(lines) && same <= 2*around {
			if lines[end].op == ' ' {
				same++
			} else {
				same = 0
			}
			end++
		}
		end -= max(same-around, 0)
		hunk := lines[start:end]
		var olds, news int
		for _, l := range hunk {
			if l.op != '+' {
				olds++
			}
			if l.op != '-' {
				news++
			}
		}
		fmt.Fprintf(&out, "@@ -%d,%d +%d,%d @@\n", hunk[0].a+1, olds, hunk[0].b+1, news)
		for _, l := range hunk {
			out.WriteByte(l.op)
			out.WriteString(l.text)
			if !strings.HasSuffix(l.text, "\n") {
				out.WriteString("\n\\ No newline at end of file\n")
			}
		}
		i = end
	}
	return out.String()
}

// A line is one of a diff: kept, removed or added.
type line struct {
	op   byte
	text string
	a, b int // lines before it
}

// compare returns all lines of a and b as a diff, by their longest common
// subsequence between what is the same at both ends.
func compare(a, b []string) []line {
	var lines []line
	head := 0
	for head < len(a) && head < len(b) && a[head] == b[head] {
		lines = append(lines, line{' ', a[head], head, head})
		head++
	}
	tail := 0
	for tail < len(a)-head && tail < len(b)-head && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	n, m := len(a)-head-tail, len(b)-head-tail
	longest := make([][]int32, n+1)
	for i := range longest {
		longest[i] = make([]int32, m+1)
	}
	for i := n - 1; i >= 0; i-- {
		for j := m - 1; j >= 0; j-- {
			if a[head+i] == b[head+j] {
				longest[i][j] = longest[i+1][j+1] + 1
			} else {
				longest[i][j] = max(longest[i+1][j], longest[i][j+1])
			}
		}
	}
	i, j := 0, 0
	for i < n || j < m {
		switch {
		case i < n && j < m && a[head+i] == b[head+j]:
			lines = append(lines, line{' ', a[head+i], head + i, head + j})
			i++
			j++
		case j == m || i < n && longest[i+1][j] >= longest[i][j+1]:
			lines = append(lines, line{'-', a[head+i], head + i, head + j})
			i++
		default:
			lines = append(lines, line{'+', b[head+j], head + i, head + j})
			j++
		}
	}
	for k := range tail {
		lines = append(lines, line{' ', a[len(a)-tail+k], len(a) - tail + k, len(b) - tail + k})
	}
	return lines
}
