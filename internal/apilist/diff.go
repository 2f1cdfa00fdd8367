package main

import (
	"fmt"
	"slices"
	"strings"
)

// context is the number of lines that a diff shows around a change.
const context = 3

// unified returns the unified diff of the file called name from old to new, or
// "" if they are the same.
func unified(name, old, new string) string {
	if old == new {
		return ""
	}
	edits := edits(slices.Collect(strings.Lines(old)), slices.Collect(strings.Lines(new)))
	var b strings.Builder
	fmt.Fprintf(&b, "--- %s\n+++ %s, as the code is\n", name, name)
	for start := 0; start < len(edits); {
		from, to := hunk(edits, start)
		if from == to {
			break
		}
		oldLine, newLine := count(edits[:from])
		oldLines, newLines := count(edits[from:to])
		fmt.Fprintf(&b, "@@ -%s +%s @@\n", lineRange(oldLine, oldLines), lineRange(newLine, newLines))
		for _, e := range edits[from:to] {
			b.WriteString(string(e.op) + strings.TrimSuffix(e.line, "\n") + "\n")
		}
		start = to
	}
	return b.String()
}

// edit is a line of a diff: op is ' ' for a line of both texts, '-' for one of
// the old text and '+' for one of the new text.
type edit struct {
	op   byte
	line string
}

// edits returns the lines of both texts, with as many of them in common as possible.
func edits(old, new []string) []edit {
	// common[i][j] is the number of lines that old[i:] and new[j:] have in
	// common.
	common := make([][]int, len(old)+1)
	for i := range common {
		common[i] = make([]int, len(new)+1)
	}
	for i := len(old) - 1; i >= 0; i-- {
		for j := len(new) - 1; j >= 0; j-- {
			if common[i][j] = max(common[i+1][j], common[i][j+1]); old[i] == new[j] {
				common[i][j] = common[i+1][j+1] + 1
			}
		}
	}
	var edits []edit
	for i, j := 0, 0; i < len(old) || j < len(new); {
		switch {
		case i < len(old) && j < len(new) && old[i] == new[j]:
			edits = append(edits, edit{' ', old[i]})
			i++
			j++
		case j == len(new) || i < len(old) && common[i+1][j] >= common[i][j+1]:
			edits = append(edits, edit{'-', old[i]})
			i++
		default:
			edits = append(edits, edit{'+', new[j]})
			j++
		}
	}
	return edits
}

// hunk returns the range edits[from:to] of the first changes after start, with
// their context. Changes whose contexts touch are in one hunk.
func hunk(edits []edit, start int) (from, to int) {
	for i := start; i < len(edits); i++ {
		if edits[i].op == ' ' {
			continue
		}
		if to == 0 {
			from = max(start, i-context)
		} else if i > to+context {
			break
		}
		to = min(len(edits), i+1+context)
	}
	return from, to
}

// count returns the number of lines of the old and of the new text in edits.
func count(edits []edit) (old, new int) {
	for _, e := range edits {
		if e.op != '+' {
			old++
		}
		if e.op != '-' {
			new++
		}
	}
	return old, new
}

// lineRange returns the range of the n lines after the first before lines, as a
// diff writes it.
func lineRange(before, n int) string {
	if n > 0 {
		before++
	}
	return fmt.Sprintf("%d,%d", before, n)
}
