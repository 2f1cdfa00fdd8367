package migrate

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Command is gohostmigrate: it runs in dir, and returns its exit code.
func Command(dir string, args []string, usage string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("gohostmigrate", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() { fmt.Fprint(stderr, usage) }
	diff := flags.Bool("diff", false, "")
	write := flags.Bool("w", false, "")
	asJSON := flags.Bool("json", false, "")
	tags := flags.String("tags", "", "")
	var opts Options
	flags.BoolVar(&opts.Merge, "merge", false, "")
	flags.BoolVar(&opts.Split, "split", false, "")
	if err := flags.Parse(args); err != nil {
		return 2
	}
	if *diff && *write {
		fmt.Fprintln(stderr, "gohostmigrate: -diff and -w exclude each other")
		return 2
	}
	patterns := flags.Args()
	if len(patterns) == 0 {
		fmt.Fprint(stderr, usage)
		return 2
	}
	m, err := Run(dir, *tags, opts, patterns...)
	if err != nil {
		fmt.Fprintln(stderr, "gohostmigrate:", err)
		return 1
	}
	if *asJSON {
		err = m.json(dir, stdout)
	} else {
		if !*write {
			err = m.diff(dir, stdout)
		}
		m.report(dir, stderr)
	}
	if err == nil && *write {
		err = m.write()
	}
	if err != nil {
		fmt.Fprintln(stderr, "gohostmigrate:", err)
		return 1
	}
	return 0
}

func (m *Migration) write() error {
	for _, name := range slices.Sorted(maps.Keys(m.Files)) {
		info, err := os.Stat(name)
		if err != nil {
			return err
		}
		if err := os.WriteFile(name, m.Files[name], info.Mode().Perm()); err != nil {
			return err
		}
	}
	return nil
}

func relative(dir, name string) string {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return name
	}
	if rel, err := filepath.Rel(abs, name); err == nil && !strings.HasPrefix(rel, "..") {
		return filepath.ToSlash(rel)
	}
	return name
}

func (m *Migration) diff(dir string, w io.Writer) error {
	for _, name := range slices.Sorted(maps.Keys(m.Files)) {
		old, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		if _, err := io.WriteString(w, unified(relative(dir, name), string(old), string(m.Files[name]))); err != nil {
			return err
		}
	}
	return nil
}

// report lists what is left and how much was found.
func (m *Migration) report(dir string, w io.Writer) {
	for _, s := range m.Skipped {
		fmt.Fprintf(w, "%s (left)\n", s)
	}
	for _, u := range m.Units {
		for _, n := range u.Notes {
			fmt.Fprintf(w, "%s: %s: note: %s\n", m.at(dir, n), n.Kind, n.Reason)
		}
	}
	missing := make(map[string]int) // services without stubs have one line each
	for _, l := range m.Left {
		if strings.HasSuffix(l.Reason, generateFirst) {
			missing[l.Reason]++
			continue
		}
		fmt.Fprintf(w, "%s: %s left: %s\n", m.at(dir, l), l.Kind, l.Reason)
	}
	for _, reason := range slices.Sorted(maps.Keys(missing)) {
		fmt.Fprintf(w, "%s (it is used in %d places)\n", reason, missing[reason])
	}
	moved, left := make(map[string]int), make(map[string]int)
	for _, u := range m.Units {
		for _, c := range u.Changes {
			moved[c.Kind]++
		}
	}
	for _, l := range m.Left {
		left[l.Kind]++
	}
	fmt.Fprintf(w, "moved: %s\nleft: %s\n", count(moved), count(left))
}

func count(kinds map[string]int) string {
	if len(kinds) == 0 {
		return "nothing"
	}
	var parts []string
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		plural := "s"
		if kinds[kind] == 1 {
			plural = ""
		}
		parts = append(parts, fmt.Sprintf("%d %s%s", kinds[kind], kind, plural))
	}
	return strings.Join(parts, ", ")
}

func (m *Migration) at(dir string, l Left) string {
	at := m.Fset.Position(l.Pos)
	return fmt.Sprintf("%s:%d", relative(dir, at.Filename), at.Line)
}

type item struct {
	Pos    string `json:"pos"`
	Kind   string `json:"kind"`
	Reason string `json:"reason,omitempty"`
}

func (m *Migration) json(dir string, w io.Writer) error {
	out := struct {
		Files   []string `json:"files"`
		Moved   []item   `json:"moved"`
		Notes   []item   `json:"notes"`
		Left    []item   `json:"left"`
		Skipped []string `json:"skipped"`
	}{Files: []string{}, Moved: []item{}, Notes: []item{}, Left: []item{}, Skipped: append([]string{}, m.Skipped...)}
	for _, name := range slices.Sorted(maps.Keys(m.Files)) {
		out.Files = append(out.Files, relative(dir, name))
	}
	for _, u := range m.Units {
		for _, c := range u.Changes {
			out.Moved = append(out.Moved, item{m.at(dir, Left{Pos: c.Pos}), c.Kind, ""})
		}
		for _, n := range u.Notes {
			out.Notes = append(out.Notes, item{m.at(dir, n), n.Kind, n.Reason})
		}
	}
	for _, l := range m.Left {
		out.Left = append(out.Left, item{m.at(dir, l), l.Kind, l.Reason})
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "\t")
	return e.Encode(out)
}
