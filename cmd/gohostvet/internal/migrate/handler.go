package migrate

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strconv"
)

// A handler is a method that is being moved.
type handler struct {
	p      *program
	plan   *plan
	f      *file
	decl   *ast.FuncDecl
	method *method
	req    *ast.Field   // of a server-streaming method
	stream types.Object // nil where it has no name

	ctx, send, reqs string
	loops           map[*ast.CallExpr]*recvLoop
	sends           []*ast.SelectorExpr
	places          []place // where messages are sent
	closes          []*ast.CallExpr
	recvs           []*ast.SelectorExpr // not of loops
	raws            []*rawReceipt
	delegations     []*delegation
	gifts           []gift
}

// convertHandler plans the change of a handler, or returns why there is none.
func (p *program) convertHandler(plan *plan, d *declared, m *method) string {
	h := &handler{p: p, plan: plan, f: d.file, decl: d.decl, method: m, loops: make(map[*ast.CallExpr]*recvLoop)}
	if h.decl.Body == nil || h.decl.Type.TypeParams != nil {
		return "the method has no body"
	}
	if reason := h.parameters(); reason != "" {
		return reason
	}
	if reason := h.uses(); reason != "" {
		return reason
	}
	if reason := h.doubts(); reason != "" {
		return reason
	}
	if h.delegates() {
		return ""
	}
	if m.kind != clientStreaming {
		if !h.yields() {
			h.generates()
		}
		return ""
	}
	return h.answers()
}

func (h *handler) parameters() string {
	var fields []*ast.Field
	for _, field := range h.decl.Type.Params.List {
		if len(field.Names) > 1 {
			return "two parameters share one type"
		}
		fields = append(fields, field)
	}
	if h.method.kind == serverStreaming {
		if len(fields) != 2 {
			return "the method does not have the parameters of a handler"
		}
		h.req = fields[0]
		fields = fields[1:]
	}
	if len(fields) != 1 || h.decl.Type.Results == nil || len(h.decl.Type.Results.List) != 1 {
		return "the method does not have the parameters of a handler"
	}
	if len(fields[0].Names) == 1 && fields[0].Names[0].Name != "_" {
		h.stream = h.f.pkg.Info.Defs[fields[0].Names[0]]
	}
	return ""
}

// uses looks at what the handler does with its stream.
func (h *handler) uses() string {
	h.send, h.reqs = "send", "reqs"
	if h.stream == nil {
		h.ctx = "_"
		return ""
	}
	h.send, h.reqs = h.fresh("send", "sendMsg", "sendResponse"), h.fresh("reqs", "requests", "incoming")
	var contexts []*ast.CallExpr
	var metadata []*ast.CallExpr
	var places []ast.Node // where else the context is used
	for _, id := range usesOf(h.f, h.stream) {
		sel, ok := h.f.parent(id).(*ast.SelectorExpr)
		if !ok {
			place, reason := h.passed(id)
			if reason != "" {
				return reason
			}
			if place != nil {
				places = append(places, place)
			}
			continue
		}
		call, name := methodCall(h.f, id)
		switch h.p.meant(h.f, sel, h.stream) {
		case "Send":
			places, reason := h.placesOfFunc(sel)
			if reason != "" {
				return reason
			}
			h.places = append(h.places, places...)
			h.sends = append(h.sends, sel)
		case "Recv":
			h.received(call, sel)
		case "RecvMsg":
			raw := h.p.rawReceiptOf(h.f, call, h.stream)
			if raw == nil {
				return useRecv
			}
			h.raws = append(h.raws, raw)
		case "SendAndClose":
			h.closes = append(h.closes, call)
		case "Context":
			contexts = append(contexts, call)
		case "SetHeader", "SendHeader", "SetTrailer":
			metadata = append(metadata, call)
		default:
			return sel.Sel.Name + " of the stream is used"
		}
		if name == "" && sel.Sel.Name != "Send" && sel.Sel.Name != "Recv" {
			return sel.Sel.Name + " of the stream is used as a value"
		}
	}
	h.contexts(contexts, metadata, places)
	return exclusive(h.places)
}

// passed looks at a call that the stream is an argument of: a delegation, or a function
// of the packages. It returns the call if that needs the context.
func (h *handler) passed(id *ast.Ident) (ast.Node, string) {
	if call, ok := h.f.parent(id).(*ast.CallExpr); ok {
		if d := h.p.delegationOf(h.f, ast.Unparen(call.Fun)); d != nil && d.decl == h.decl {
			if d.ret == nil && h.method.kind == clientStreaming {
				return nil, h.method.name + " is called directly, and its error is not returned as it is"
			}
			h.delegations = append(h.delegations, d)
			places, reason := h.placesOf(call)
			h.places = append(h.places, places...)
			return call, reason
		}
	}
	to, reason := h.p.givingOf(h.f, id)
	if reason != "" {
		return nil, h.stream.Name() + " is passed to code that is not followed, at line " + h.line(id)
	}
	n, reason := h.p.needsOf(to)
	if reason == "" && n.send {
		var places []place
		places, reason = h.placesOf(to.call)
		h.places = append(h.places, places...)
	}
	h.gifts = append(h.gifts, gift{to, n})
	if !n.ctx {
		return nil, reason
	}
	return to.call, reason
}

func (h *handler) line(n ast.Node) string {
	return strconv.Itoa(h.p.fset.Position(n.Pos()).Line)
}

// fresh returns the first of names that does not occur in the handler.
func (h *handler) fresh(names ...string) string {
	used := make(map[string]bool)
	ast.Inspect(h.decl, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && h.f.pkg.Info.ObjectOf(id) != h.stream {
			if sel, ok := h.f.parents[id].(*ast.SelectorExpr); !ok || sel.Sel != id {
				used[id.Name] = true
			}
		}
		return true
	})
	for _, name := range names {
		if !used[name] {
			return name
		}
	}
	return names[0] + "0"
}

// received looks at a Recv: it becomes a loop, or stays what it is. call is nil if it is
// used as a value.
func (h *handler) received(call *ast.CallExpr, sel *ast.SelectorExpr) {
	if loop := h.p.loopOf(h.f, call); loop != nil {
		h.loops[call] = loop
		return
	}
	h.recvs = append(h.recvs, sel)
}

// contexts chooses the name of the context, and puts it where stream.Context()
// was. It is used at places, too.
func (h *handler) contexts(contexts, metadata []*ast.CallExpr, places []ast.Node) {
	if len(contexts)+len(metadata)+len(places) == 0 {
		h.ctx = "_"
		return
	}
	h.ctx = "ctx"
	same := make(map[*ast.CallExpr]bool) // ctx := stream.Context()
	for _, call := range contexts {
		a, ok := h.f.parent(call).(*ast.AssignStmt)
		if !ok || len(a.Lhs) != 1 || len(a.Rhs) != 1 || a.Tok != token.DEFINE {
			continue
		}
		id, ok := a.Lhs[0].(*ast.Ident)
		if ok && id.Name == "ctx" && h.f.parents[a] == h.decl.Body && !h.reassigned(h.f.pkg.Info.Defs[id]) {
			same[call] = true
		}
	}
	for _, call := range slices.Concat(contexts, metadata) {
		if !same[call] {
			places = append(places, call)
		}
	}
	for _, place := range places {
		if h.shadowed("ctx", place, same) {
			h.ctx = h.fresh("callCtx", "streamCtx", "rpcCtx")
			clear(same)
			break
		}
	}
	for _, call := range contexts {
		if same[call] {
			a := h.f.parent(call)
			h.plan.remove(h.f, a.Pos(), a.End())
			continue
		}
		h.plan.replace(h.f, call.Pos(), call.End(), h.ctx)
	}
	for _, call := range metadata {
		h.setsMetadata(call, h.ctx)
	}
}

// setsMetadata plans that a call of SetHeader, SendHeader or SetTrailer is that of package
// grpc.
func (h *handler) setsMetadata(call *ast.CallExpr, ctx string) {
	comma := ", "
	if len(call.Args) == 0 {
		comma = ""
	}
	sel := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	h.plan.replace(h.f, call.Pos(), call.Lparen+1, h.name("google.golang.org/grpc", "grpc")+"."+sel.Sel.Name+"("+ctx+comma)
}

// reassigned reports whether obj is assigned after its definition.
func (h *handler) reassigned(obj types.Object) bool {
	for _, id := range usesOf(h.f, obj) {
		if assigned(h.f, id) {
			return true
		}
		if u, ok := h.f.parent(id).(*ast.UnaryExpr); ok && u.Op == token.AND {
			return true
		}
	}
	return false
}

// shadowed reports whether name is something of the handler's own at n, other
// than what is defined by one of same.
func (h *handler) shadowed(name string, n ast.Node, same map[*ast.CallExpr]bool) bool {
	scope := h.f.pkg.Types.Scope().Innermost(n.Pos())
	if scope == nil {
		return true
	}
	_, obj := scope.LookupParent(name, n.Pos())
	if obj == nil || !within(obj, h.decl) {
		return false
	}
	for call := range same {
		if h.f.pkg.Info.Defs[h.f.parent(call).(*ast.AssignStmt).Lhs[0].(*ast.Ident)] == obj {
			return false
		}
	}
	return true
}

// name returns the name of an imported package, which is imported if it is not.
func (h *handler) name(path, base string) string {
	return h.plan.packageName(h.f, path, base, h.decl, h.stream)
}

// packageName returns the name of the package of path in f, for use in n, in
// which without is taken away.
func (l *plan) packageName(f *file, path, base string, n ast.Node, without types.Object) string {
	shadowed := func(name string) bool {
		return f.pkg.Types.Scope().Lookup(name) != nil || declares(f, n, func(id *ast.Ident) bool {
			return id.Name == name && f.pkg.Info.Defs[id] != without
		})
	}
	for _, spec := range f.ast.Imports {
		obj := f.pkg.Info.PkgNameOf(spec)
		if obj != nil && obj.Imported().Path() == path && obj.Name() != "_" && !shadowed(obj.Name()) {
			return obj.Name()
		}
	}
	if !shadowed(base) && !f.imports(base) {
		l.need(f, path)
		return base
	}
	name := "gohost" + base
	l.need(f, name+" "+path)
	return name
}

func (f *file) imports(name string) bool {
	for _, spec := range f.ast.Imports {
		if obj := f.pkg.Info.PkgNameOf(spec); obj != nil && obj.Name() == name {
			return true
		}
	}
	return false
}

// typeName returns the source of t.
func (h *handler) typeName(t types.Type) string {
	return types.TypeString(t, func(pkg *types.Package) string {
		if pkg.Path() == h.f.pkg.Types.Path() {
			return ""
		}
		return h.name(pkg.Path(), pkg.Name())
	})
}
