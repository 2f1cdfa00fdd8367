package migrate

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
)

const (
	otherGoroutine = "Send is used on another goroutine, which may outlive the handler: see stream.FromChan"
	twoGoroutines  = "Send may run on two goroutines at the same time: see stream.FromChan"
	maybeGoroutine = "Send is used by a function that may run on another goroutine: see stream.FromChan"
)

// A place is where a message is sent.
type place struct {
	pos      token.Pos
	on       *goroutine // nil: that of the function
	deferred bool
}

// A goroutine is one that a function starts once, and waits for.
type goroutine struct {
	start ast.Stmt
	wait  ast.Expr // the call or the receive that waits
	group bool     // an errgroup: wait returns the error of the goroutine
}

// placesOf returns where n runs, or why that is not known.
func (h *handler) placesOf(n ast.Node, seen ...types.Object) ([]place, string) {
	at := place{pos: n.Pos()}
	for up := h.f.parents[n]; up != nil && up != h.decl; up = h.f.parents[up] {
		switch up := up.(type) {
		case *ast.GoStmt:
			return nil, otherGoroutine
		case *ast.DeferStmt:
			at.deferred = true
		case *ast.FuncLit:
			if call, ok := h.f.parent(up).(*ast.CallExpr); ok && ast.Unparen(call.Fun) == up {
				start, ok := h.f.parents[call].(*ast.GoStmt)
				if !ok {
					continue
				}
				g, reason := h.waited(start, up)
				at.on = g
				return []place{at}, reason
			}
			places, reason := h.placesOfFunc(up, seen...)
			for i := range places {
				places[i].deferred = places[i].deferred || at.deferred
			}
			return places, reason
		}
	}
	return []place{at}, ""
}

// defined returns the one variable that a defines, nil if there is another.
func defined(f *file, a *ast.AssignStmt) types.Object {
	if len(a.Lhs) != 1 || len(a.Rhs) != 1 || a.Tok != token.DEFINE {
		return nil
	}
	id, ok := a.Lhs[0].(*ast.Ident)
	if !ok {
		return nil
	}
	return f.pkg.Info.Defs[id]
}

// placesOfCalls returns where v, a function, is called.
func (h *handler) placesOfCalls(v types.Object, seen ...types.Object) ([]place, string) {
	if v == nil {
		return nil, maybeGoroutine
	}
	var places []place
	for _, id := range usesOf(h.f, v) {
		more, reason := h.placesOfFunc(id, seen...)
		if reason != "" {
			return nil, reason
		}
		places = append(places, more...)
	}
	return places, ""
}

// placesOfFunc returns where fn, a function, is called: here, as a variable, or by what it
// is an argument of.
func (h *handler) placesOfFunc(fn ast.Expr, seen ...types.Object) ([]place, string) {
	switch up := h.f.parent(fn).(type) {
	case *ast.CallExpr:
		if ast.Unparen(up.Fun) == fn {
			return h.placesOf(up, seen...)
		}
		if stmt, ok := h.f.parent(up).(*ast.ExprStmt); ok && isGroup(h.f, up) {
			g, reason := h.waited(stmt, nil)
			return []place{{pos: fn.Pos(), on: g}}, reason
		}
		in, v := h.argument(up, fn)
		if in == nil {
			return nil, maybeGoroutine
		}
		if !slices.Contains(seen, v) {
			places, reason := in.placesOfCalls(v, append(seen, v)...)
			if reason == "" {
				reason = exclusive(places)
			}
			if reason != "" {
				return nil, reason
			}
		}
		return h.placesOf(up, seen...)
	case *ast.AssignStmt:
		return h.placesOfCalls(defined(h.f, up), seen...)
	}
	return nil, maybeGoroutine
}

// argument returns the function that call calls and the parameter that takes arg, nil if
// they are not known.
func (h *handler) argument(call *ast.CallExpr, arg ast.Expr) (*handler, types.Object) {
	fn := h.p.callee(h.f, call)
	if fn == nil || fn.Signature().Variadic() {
		return nil, nil
	}
	to := h.p.decls[h.p.key(fn.Pos())]
	if to == nil || to.decl.Body == nil {
		return nil, nil
	}
	v, _ := to.parameter(call, arg)
	if v == nil {
		return nil, nil
	}
	return &handler{p: h.p, f: to.file, decl: to.decl}, v
}

// exclusive returns why messages may be sent at two places concurrently, or "".
func exclusive(places []place) string {
	var g *goroutine
	for _, at := range places {
		if at.on != nil && g != nil && at.on.start != g.start {
			return twoGoroutines
		}
		if at.on != nil {
			g = at.on
		}
	}
	for _, at := range places {
		if g != nil && (at.deferred || at.on == nil && g.start.Pos() <= at.pos && at.pos < g.wait.End()) {
			return twoGoroutines
		}
	}
	return ""
}

// isGroup reports whether call is that of a method of an errgroup or a sync.WaitGroup.
func isGroup(f *file, call *ast.CallExpr) bool {
	v, _ := groupOf(f, call)
	return v != nil
}

// groupOf returns the variable of the group whose method call calls, and its name.
func groupOf(f *file, call *ast.CallExpr) (types.Object, string) {
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok {
		return nil, ""
	}
	v := uses(f.pkg.Info, sel.X)
	if v == nil || namedObject(v.Type()) == nil || namedObject(v.Type()).Pkg() == nil {
		return nil, ""
	}
	switch t := namedObject(v.Type()); t.Pkg().Path() + "." + t.Name() {
	case "golang.org/x/sync/errgroup.Group", "sync.WaitGroup":
		return v, sel.Sel.Name
	}
	return nil, ""
}

// waited returns the goroutine that start starts, with the function lit, if the function
// waits for it before it returns.
func (h *handler) waited(start ast.Stmt, lit *ast.FuncLit) (*goroutine, string) {
	stmts := h.decl.Body.List
	i := slices.Index(stmts, start)
	if i < 0 {
		return nil, otherGoroutine
	}
	g := &goroutine{start: start}
	var waits func(ast.Expr) bool
	switch start := start.(type) {
	case *ast.ExprStmt:
		call, ok := start.X.(*ast.CallExpr)
		if !ok {
			return nil, maybeGoroutine
		}
		v, name := groupOf(h.f, call)
		if v == nil || name != "Go" {
			return nil, maybeGoroutine
		}
		g.group = namedObject(v.Type()).Name() == "Group"
		waits = h.waitsForGroup(v)
	case *ast.GoStmt:
		waits = h.waitsForEnd(stmts[:i], lit)
	}
	if waits == nil {
		return nil, otherGoroutine
	}
	for _, s := range stmts[:i] {
		if d, ok := s.(*ast.DeferStmt); ok && waits(d.Call) {
			// Until the function ends.
			g.wait = h.end()
			return g, ""
		}
	}
	for _, s := range stmts[i+1:] {
		if d, ok := s.(*ast.DeferStmt); ok && waits(d.Call) {
			g.wait = h.end()
			return g, ""
		}
		if g.wait = evaluated(s, waits); g.wait != nil {
			return g, ""
		}
		if leavesEarly(s) {
			break
		}
	}
	return nil, otherGoroutine
}

// end is an expression at the end of the function.
func (h *handler) end() ast.Expr { return &ast.BadExpr{From: h.decl.End(), To: h.decl.End()} }

// waitsForGroup returns what tells whether an expression waits for v, nil if v is used in
// other ways.
func (h *handler) waitsForGroup(v types.Object) func(ast.Expr) bool {
	if !within(v, h.decl.Body) {
		return nil
	}
	for _, id := range usesOf(h.f, v) {
		call, name := methodCall(h.f, id)
		if call == nil || !slices.Contains([]string{"Go", "Wait", "SetLimit", "Add", "Done"}, name) {
			return nil
		}
	}
	return func(e ast.Expr) bool {
		call, ok := e.(*ast.CallExpr)
		if !ok {
			return false
		}
		of, name := groupOf(h.f, call)
		return of == v && name == "Wait"
	}
}

// waitsForEnd returns what tells whether an expression waits for the end of lit, nil if
// the end of lit tells nobody. The statements before run before lit.
func (h *handler) waitsForEnd(before []ast.Stmt, lit *ast.FuncLit) func(ast.Expr) bool {
	if len(lit.Body.List) == 0 {
		return nil
	}
	if d, ok := lit.Body.List[0].(*ast.DeferStmt); ok {
		if v, name := groupOf(h.f, d.Call); v != nil && name == "Done" {
			for _, s := range before {
				e, _ := s.(*ast.ExprStmt)
				if e == nil {
					continue
				}
				if call, ok := e.X.(*ast.CallExpr); ok {
					if of, name := groupOf(h.f, call); of == v && name == "Add" {
						return h.waitsForGroup(v)
					}
				}
			}
			return nil
		}
	}
	// A channel that lit alone sends to or closes, at its end.
	var ch types.Object
	ast.Inspect(lit.Body, func(n ast.Node) bool {
		var to ast.Expr
		switch n := n.(type) {
		case *ast.SendStmt:
			to = n.Chan
		case *ast.CallExpr:
			if id, ok := ast.Unparen(n.Fun).(*ast.Ident); ok && id.Name == "close" && h.f.pkg.Info.Types[n.Fun].IsBuiltin() {
				to = n.Args[0]
			}
		}
		if to == nil {
			return true
		}
		if v := uses(h.f.pkg.Info, to); v != nil && h.endsWith(lit, n) && within(v, h.decl.Body) {
			ch = v
		}
		return true
	})
	if ch == nil {
		return nil
	}
	for _, id := range usesOf(h.f, ch) {
		if u, ok := h.f.parent(id).(*ast.UnaryExpr); ok && u.Op == token.ARROW {
			continue
		}
		up := h.f.parent(id)
		if !h.endsWith(lit, up) {
			return nil
		}
	}
	return func(e ast.Expr) bool {
		u, ok := e.(*ast.UnaryExpr)
		return ok && u.Op == token.ARROW && uses(h.f.pkg.Info, u.X) == ch
	}
}

// endsWith reports whether nothing of lit runs after n, a statement or a call.
func (h *handler) endsWith(lit *ast.FuncLit, n ast.Node) bool {
	stmt, ok := n.(ast.Stmt)
	if !ok {
		switch up := h.f.parents[n].(type) {
		case *ast.DeferStmt:
			return lit.Body.List[0] == up
		case *ast.ExprStmt:
			stmt = up
		default:
			return false
		}
	}
	stmts := list(h.f.parents[stmt])
	i := slices.Index(stmts, stmt)
	if i < 0 {
		return false
	}
	if i == len(stmts)-1 {
		return h.f.parents[stmt] == lit.Body
	}
	ret, ok := stmts[i+1].(*ast.ReturnStmt)
	return ok && len(ret.Results) == 0 && h.f.function(stmt) == lit
}

// evaluated returns the expression that is, if s always evaluates it.
func evaluated(s ast.Stmt, is func(ast.Expr) bool) ast.Expr {
	var parts []ast.Node
	switch s := s.(type) {
	case *ast.ReturnStmt, *ast.AssignStmt, *ast.ExprStmt:
		parts = []ast.Node{s}
	case *ast.IfStmt:
		if s.Init != nil {
			parts = []ast.Node{s.Init}
		}
		parts = append(parts, s.Cond)
	}
	var found ast.Expr
	for _, part := range parts {
		ast.Inspect(part, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncLit:
				return false
			case *ast.BinaryExpr:
				if n.Op == token.LAND || n.Op == token.LOR {
					return false
				}
			}
			if e, ok := n.(ast.Expr); ok && is(e) {
				found = e
			}
			return found == nil
		})
	}
	return found
}

// leavesEarly reports whether s may leave its function, or go elsewhere in it.
func leavesEarly(s ast.Stmt) bool {
	leaves := false
	ast.Inspect(s, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.ReturnStmt:
			leaves = true
		case *ast.BranchStmt:
			leaves = leaves || n.Tok == token.GOTO
		}
		return !leaves
	})
	return leaves
}
