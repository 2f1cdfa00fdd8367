package migrate

import (
	"cmp"
	"go/ast"
	"go/types"
	"maps"
	"slices"
	"strings"
)

// convert makes the units, and the list of what is left.
func (p *program) convert() {
	for _, n := range slices.Collect(maps.Values(p.nodes)) {
		if n.up == nil && n.server {
			p.embedding(n)
		}
	}
	p.delegations()
	for _, n := range slices.Collect(maps.Values(p.nodes)) {
		if n.up == nil && n.server {
			p.gifts(n)
		}
	}
	var roots []*node
	for _, n := range p.nodes {
		if n.up == nil {
			roots = append(roots, n)
		}
	}
	slices.SortFunc(roots, func(a, b *node) int { return cmp.Compare(a.order, b.order) })
	for _, n := range roots {
		if p.opts.Local && n.outside.IsValid() && !n.server {
			continue
		}
		if n.server {
			p.convertServer(n)
		} else {
			p.convertClient(n)
		}
	}
	if p.opts.Local {
		return
	}
	for _, r := range p.constants {
		plan := newPlan(p)
		plan.replace(r.file, r.ident.Pos(), r.ident.End(), r.m.name)
		plan.change(r.ident.Pos(), "constant")
		p.finish(plan, nil)
	}
}

// finish makes a unit of plan, or leaves what would be in it.
func (p *program) finish(plan *plan, left []Left) {
	u, err := plan.unit()
	if err != nil {
		for _, c := range plan.changes {
			p.result.Left = append(p.result.Left, Left{c.Pos, c.Kind, err.Error()})
		}
		return
	}
	p.result.Left = append(p.result.Left, left...)
	if len(u.Edits) > 0 {
		p.result.Units = append(p.result.Units, u)
	}
}

// missing returns why the services of n cannot be moved, or "".
func (n *node) missing() string {
	var reasons []string
	for s := range n.services {
		if s.missing != "" {
			reasons = append(reasons, s.missing)
		}
	}
	slices.Sort(reasons)
	return strings.Join(reasons, "; ")
}

func (p *program) convertClient(n *node) {
	if len(n.calls) == 0 && len(n.news) == 0 {
		return
	}
	plan, own, because := p.planClient(n)
	if plan == nil {
		p.leaveClient(n, own, because)
		return
	}
	p.finish(plan, nil)
}

// planClient plans the change of n and all its calls. If there is none, it returns the
// reasons of single calls, or that of n.
func (p *program) planClient(n *node) (*plan, map[*ast.CallExpr]string, Left) {
	if missing := n.missing(); missing != "" {
		return nil, nil, errorAt(0, missing)
	}
	if len(n.blocks) > 0 {
		return nil, nil, n.blocks[0]
	}
	plan := newPlan(p)
	own := make(map[*ast.CallExpr]string)
	options := false
	for _, c := range n.calls {
		if c.method == nil {
			own[c.call] = "this is not a method of the service"
			continue
		}
		one := newPlan(p)
		reason := p.convertCall(one, c)
		if reason != "" {
			own[c.call] = reason
			continue
		}
		options = options || len(c.call.Args) > fixed(c.method)
		one.change(c.call.Pos(), c.method.kind.String()+" call")
		plan.merge(one)
	}
	if len(own) > 0 {
		return nil, own, Left{}
	}
	options = options || plan.stub
	if options && n.nilAt.IsValid() {
		return nil, nil, errorAt(n.nilAt, "this client may be nil, but a stub with options cannot be")
	}
	for _, r := range n.renames {
		name := r.m.name
		if options {
			name += "Stub"
		}
		plan.replace(r.file, r.ident.Pos(), r.ident.End(), name)
	}
	for _, r := range n.news {
		plan.replace(r.file, r.ident.Pos(), r.ident.End(), r.m.name)
		plan.change(r.ident.Pos(), "client")
	}
	for _, s := range n.splits {
		if reason := s.change(plan); reason != "" {
			return nil, nil, errorAt(s.fork.v.Pos(), reason)
		}
	}
	return plan, nil, Left{}
}

// fixed returns how many arguments a call of m has without its options.
func fixed(m *method) int {
	if m.kind == unary || m.kind == serverStreaming {
		return 2
	}
	return 1
}

// leaveClient lists all calls of n as left: own has the reasons of single
// calls; the others are left with them, or for what because says.
func (p *program) leaveClient(n *node, own map[*ast.CallExpr]string, because Left) {
	if because.Reason == "" {
		for _, c := range n.calls {
			if reason := own[c.call]; reason != "" {
				because = errorAt(c.call.Pos(), reason)
				break
			}
		}
	}
	with := because.Reason
	if because.Pos.IsValid() {
		with = "the client is shared with " + p.short(because) + ": " + because.Reason
	}
	for _, r := range n.news {
		reason := with
		if because.Pos.IsValid() && p.short(because) == p.short(Left{Pos: r.ident.Pos()}) {
			reason = because.Reason
		}
		p.result.Left = append(p.result.Left, Left{r.ident.Pos(), "client", reason})
	}
	for _, c := range n.calls {
		kind := "call"
		if c.method != nil {
			kind = c.method.kind.String() + " call"
		}
		reason := own[c.call]
		if reason == "" {
			reason = with
		}
		p.result.Left = append(p.result.Left, Left{c.call.Pos(), kind, reason})
	}
}

// short returns the file name and line of l.
func (p *program) short(l Left) string {
	at := p.fset.Position(l.Pos)
	at.Column = 0
	at.Filename = at.Filename[strings.LastIndexByte(at.Filename, '/')+1:]
	return at.String()
}

// convertCall plans the change of one call, or returns why there is none.
func (p *program) convertCall(plan *plan, c call) string {
	switch c.method.kind {
	case unary:
		return p.options(plan, c, "")
	case serverStreaming:
		return p.convertServerStreaming(plan, c)
	case clientStreaming:
		return p.convertClientStreaming(plan, c)
	default:
		return p.convertBidirectional(plan, c)
	}
}

// options moves the options of a call to With, and adds more, if that is not "".
func (p *program) options(plan *plan, c call, more string) string {
	args, fixed := c.call.Args, fixed(c.method)
	if len(args) < fixed {
		return "the arguments are the results of one call"
	}
	if more != "" {
		plan.stub = true
	}
	if len(args) == fixed {
		if more != "" {
			plan.replace(c.file, c.recv.End(), c.recv.End(), ".With("+more+")")
		}
		return ""
	}
	opts := args[fixed:]
	if !p.plain(c.file, opts) && !p.plain(c.file, args[:fixed]) {
		return "the options are computed after the arguments, but With would compute them before"
	}
	after := ")"
	switch {
	case c.call.Ellipsis.IsValid() && more != "":
		after = "...).With(" + more + ")"
	case c.call.Ellipsis.IsValid():
		after = "...)"
	case more != "":
		after = ", " + more + ")"
	}
	plan.add(c.file, planned{span: span{c.recv.End(), c.recv.End()}, before: ".With(", moved: span{opts[0].Pos(), opts[len(opts)-1].End()}, after: after})
	plan.replace(c.file, args[fixed-1].End(), c.call.Rparen, "")
	return ""
}

// plain reports whether it does not matter when exprs are evaluated: they call
// nothing but what makes options, contexts and metadata.
func (p *program) plain(f *file, exprs []ast.Expr) bool {
	plain := true
	for _, e := range exprs {
		ast.Inspect(e, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncLit:
				return false
			case *ast.UnaryExpr:
				if n.Op.String() == "<-" {
					plain = false
				}
			case *ast.CallExpr:
				if f.pkg.Info.Types[n.Fun].IsType() {
					break
				}
				fn := p.callee(f, n)
				if fn == nil || fn.Pkg() == nil || !pure(fn) {
					plain = false
				}
			}
			return plain
		})
	}
	return plain
}

func pure(fn *types.Func) bool {
	path := fn.Pkg().Path()
	if path == "context" && (fn.Name() == "Background" || fn.Name() == "TODO") {
		return true
	}
	return fn.Signature().Recv() == nil && (path == "google.golang.org/grpc" || path == "google.golang.org/grpc/metadata" ||
		strings.HasPrefix(path, "google.golang.org/grpc/encoding") || path == "github.com/gohostrpc/gohost")
}

// finder returns all uses of obj in f.
func usesOf(f *file, obj types.Object) []*ast.Ident {
	var ids []*ast.Ident
	ast.Inspect(f.ast, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && f.pkg.Info.Uses[id] == obj {
			ids = append(ids, id)
		}
		return true
	})
	return ids
}
