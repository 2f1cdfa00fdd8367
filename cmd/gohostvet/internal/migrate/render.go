package migrate

import (
	"cmp"
	"fmt"
	"go/token"
	"maps"
	"slices"
	"strings"
)

// A span is a part of a file.
type span struct{ pos, end token.Pos }

// A planned edit replaces a part of a file by text before, a part of the file
// that is moved there with the edits in it, and text after.
type planned struct {
	span
	before string
	moved  span // may be empty
	after  string
}

// render returns the edits that do what all of plan say: what is moved has
// the edits in it.
func (p *program) render(f *file, plan []planned) ([]Edit, error) {
	plan = slices.Clone(plan)
	slices.SortStableFunc(plan, func(a, b planned) int {
		// What is put in at a place comes before what replaces the text there.
		added := func(e planned) int {
			if e.pos == e.end {
				return 0
			}
			return 1
		}
		return cmp.Or(cmp.Compare(a.pos, b.pos), cmp.Compare(added(a), added(b)), cmp.Compare(b.end, a.end))
	})
	edits, used, err := p.renderSpan(f, plan, span{f.ast.FileStart, f.ast.FileEnd}, 0)
	if err != nil {
		return nil, err
	}
	for i, e := range plan {
		if !used[i] {
			return nil, fmt.Errorf("the code at %v would be changed twice", p.fset.Position(e.pos))
		}
	}
	return edits, nil
}

func (p *program) renderSpan(f *file, plan []planned, within span, depth int) ([]Edit, map[int]bool, error) {
	var edits []Edit
	used := make(map[int]bool)
	if depth > 8 {
		return nil, nil, fmt.Errorf("the code at %v would be moved into itself", p.fset.Position(within.pos))
	}
	end := within.pos
	for i, e := range plan {
		if e.pos < within.pos || e.end > within.end || e.pos < end {
			continue
		}
		text := e.before
		if e.moved != (span{}) {
			inner, innerUsed, err := p.renderSpan(f, plan, e.moved, depth+1)
			if err != nil {
				return nil, nil, err
			}
			for j := range innerUsed {
				used[j] = true
			}
			moved := p.apply(f, e.moved, inner)
			if moved == "" && text == "\n" {
				text = ""
			}
			text += moved
		}
		used[i] = true
		edits = append(edits, Edit{e.pos, e.end, text + e.after})
		end = e.end
	}
	return edits, used, nil
}

// apply returns the text of a part of f after edits.
func (p *program) apply(f *file, part span, edits []Edit) string {
	var b strings.Builder
	at := part.pos
	for _, e := range edits {
		b.WriteString(p.slice(f, at, e.Pos))
		b.WriteString(e.New)
		at = e.End
	}
	b.WriteString(p.slice(f, at, part.end))
	return strings.TrimSpace(b.String())
}

// A plan is what is to be done to files.
type plan struct {
	p       *program
	edits   map[*file][]planned
	imports map[string][]string
	changes []Change
	notes   []Left
	server  bool
	stub    bool             // it needs With, which the interface has not
	shared  map[string]*plan // what several calls need, by parameter
}

func newPlan(p *program) *plan {
	return &plan{p: p, edits: make(map[*file][]planned), imports: make(map[string][]string), shared: make(map[string]*plan)}
}

func (l *plan) add(f *file, e planned) { l.edits[f] = append(l.edits[f], e) }

func (l *plan) replace(f *file, pos, end token.Pos, text string) {
	l.add(f, planned{span: span{pos, end}, before: text})
}

// remove removes the lines of a statement, or the statement alone where other
// text is on its lines.
func (l *plan) remove(f *file, pos, end token.Pos) {
	l.replace(f, pos, end, "")
	s := &l.edits[f][len(l.edits[f])-1].span
	*s = l.p.lines(f, *s)
}

// lines returns s with the rest of its lines, if that is blank.
func (p *program) lines(f *file, s span) span {
	from, to := p.fset.PositionFor(s.pos, false).Offset, p.fset.PositionFor(s.end, false).Offset
	start, stop := from, to
	for start > 0 && (f.src[start-1] == ' ' || f.src[start-1] == '\t') {
		start--
	}
	for stop < len(f.src) && (f.src[stop] == ' ' || f.src[stop] == '\t') {
		stop++
	}
	if start > 0 && f.src[start-1] == '\n' && stop < len(f.src) && f.src[stop] == '\n' {
		return span{s.pos - token.Pos(from-start), s.end + token.Pos(stop+1-to)}
	}
	return s
}

// lineEnd returns the end of the line that pos is in, behind a comment, or pos where code
// follows.
func (p *program) lineEnd(f *file, pos token.Pos) token.Pos {
	rest, _, _ := strings.Cut(p.slice(f, pos, f.ast.FileEnd), "\n")
	if text := strings.TrimSpace(rest); text != "" && !strings.HasPrefix(text, "//") {
		return pos
	}
	return pos + token.Pos(len(rest))
}

func (l *plan) need(f *file, path string) {
	if !slices.Contains(l.imports[f.name], path) {
		l.imports[f.name] = append(l.imports[f.name], path)
	}
}

func (l *plan) change(pos token.Pos, kind string) {
	l.changes = append(l.changes, Change{pos, kind})
}

// merge adds all of m.
func (l *plan) merge(m *plan) {
	for f, edits := range m.edits {
		l.edits[f] = append(l.edits[f], edits...)
	}
	for name, paths := range m.imports {
		for _, path := range paths {
			if !slices.Contains(l.imports[name], path) {
				l.imports[name] = append(l.imports[name], path)
			}
		}
	}
	l.changes = append(l.changes, m.changes...)
	l.notes = append(l.notes, m.notes...)
	l.stub = l.stub || m.stub
	maps.Copy(l.shared, m.shared)
}

// unit returns the unit of l.
func (l *plan) unit() (*Unit, error) {
	for _, key := range slices.Sorted(maps.Keys(l.shared)) {
		l.merge(l.shared[key])
	}
	slices.SortStableFunc(l.notes, func(a, b Left) int { return l.p.compare(a.Pos, b.Pos) })
	u := &Unit{Changes: l.changes, Notes: l.notes, Imports: l.imports, Server: l.server}
	for _, f := range l.p.files {
		if len(l.edits[f]) == 0 {
			continue
		}
		edits, err := l.p.render(f, l.edits[f])
		if err != nil {
			return nil, err
		}
		u.Edits = append(u.Edits, edits...)
	}
	return u, nil
}
