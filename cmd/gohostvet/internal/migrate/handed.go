package migrate

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// A handing is a call that gives the stream of a client to a function of the packages.
type handing struct {
	call  *ast.CallExpr
	arg   *ast.Ident
	to    *declared
	param *types.Var
	field *ast.Field // of param
}

const notFollowed = "the stream is passed to code that is not followed"

// handingOf returns the call that id, the stream of a client, is an argument of, or why
// that call is not followed.
func (p *program) handingOf(f *file, id *ast.Ident) (*handing, string) {
	h, reason := p.givingOf(f, id)
	if reason == "" && h.to.decl.Type.TypeParams != nil {
		return nil, notFollowed
	}
	return h, reason
}

// givingOf is handingOf for streams of clients and handlers.
func (p *program) givingOf(f *file, id *ast.Ident) (*handing, string) {
	call, ok := f.parent(id).(*ast.CallExpr)
	if !ok || p.opts.Local {
		return nil, notFollowed
	}
	fn := p.callee(f, call)
	if fn == nil || p.decls[p.key(fn.Pos())] == nil {
		return nil, notFollowed
	}
	h := &handing{call: call, arg: id, to: p.decls[p.key(fn.Pos())]}
	h.param, h.field = h.to.parameter(call, id)
	switch {
	case h.param == nil || h.to.decl.Body == nil || fn.Signature().Variadic():
		return nil, notFollowed
	case len(h.field.Names) > 1:
		return nil, "the stream is passed to " + fn.Name() + ", where two parameters share one type"
	}
	return h, ""
}

// parameter returns the parameter of d that arg of call is given to, and its field, nil if
// there is none.
func (d *declared) parameter(call *ast.CallExpr, arg ast.Expr) (*types.Var, *ast.Field) {
	i := 0
	for _, field := range d.decl.Type.Params.List {
		for _, name := range field.Names {
			if i < len(call.Args) && ast.Unparen(call.Args[i]) == arg {
				v, _ := d.file.pkg.Info.Defs[name].(*types.Var)
				return v, field
			}
			i++
		}
	}
	return nil, nil
}

// sharedBy returns the function that h calls, with a plan of its own that all calls in
// l share, nil if that is planned already.
func (h *handing) sharedBy(l *plan, m *method) *handler {
	key := l.p.key(h.param.Pos())
	if l.shared[key] != nil {
		return nil
	}
	in := newPlan(l.p)
	l.shared[key], in.shared = in, l.shared
	return &handler{p: l.p, plan: in, f: h.to.file, decl: h.to.decl, stream: h.param, method: m}
}

// handings unites the clients whose streams are given to the same functions.
func (p *program) handings() {
	var clients []*node
	for _, n := range p.nodes {
		if n.up == nil && !n.server && len(n.calls) > 0 {
			clients = append(clients, n)
		}
	}
	for _, n := range clients {
		for _, c := range n.root().calls {
			if c.method == nil || c.method.kind != serverStreaming && c.method.kind != bidirectional {
				continue
			}
			if o, reason := p.openingOf(c.file, c.call); reason == "" {
				p.follow(n, c.file, o.stream)
			}
		}
	}
}

// gifts unites the servers whose handlers give their streams to the same functions.
func (p *program) gifts(n *node) {
	handlers, _ := p.handlers(n)
	for _, h := range handlers {
		d := p.decls[p.key(h.at.Pos())]
		params := d.decl.Type.Params.List
		if h.method.kind == unary || len(params) == 0 {
			continue
		}
		for _, name := range params[len(params)-1].Names {
			if stream := d.file.pkg.Info.Defs[name]; stream != nil {
				p.follow(n, d.file, stream)
			}
		}
	}
}

// follow unites n with the parameters that v, a stream of its calls, is given to.
func (p *program) follow(n *node, f *file, v types.Object) {
	for _, id := range usesOf(f, v) {
		h, reason := p.givingOf(f, id)
		if reason != "" {
			continue
		}
		key := p.key(h.param.Pos())
		if p.handed[key] == nil {
			p.handed[key] = make(map[token.Pos]bool)
			p.follow(n, h.to.file, h.param)
		}
		p.handed[key][id.Pos()] = true
		unite(n, p.node("stream ", h.param.Pos()))
	}
}

// name returns the name of the function that h calls.
func (h *handing) name() string { return h.to.decl.Name.Name }

// unfit returns why the type of the parameter of h cannot change, or "".
func (p *program) unfit(h *handing) string {
	key := p.key(h.to.decl.Name.Pos())
	if len(p.methods[key]) != len(p.handed[p.key(h.param.Pos())]) {
		return "the stream is passed to " + h.name() + ", which gets other streams too, or is used as a value"
	}
	obj := namedObject(h.param.Type())
	if obj == nil || obj.Pkg() == nil || obj.Pkg().Path() != "google.golang.org/grpc" && !strings.Contains(obj.Name(), "_") {
		return "the stream is passed to " + h.name() + " as another type"
	}
	return ""
}

// inside says where the reason is.
func (h *handing) inside(reason string) string {
	if reason == "" {
		return ""
	}
	return "in " + h.name() + ", which gets the stream: " + reason
}

// talks plans the change of a function that is given the stream of a bidirectional call:
// it is given a conversation.
func (p *program) talks(plan *plan, f *file, id *ast.Ident, m *method, errs *conversationErrors) string {
	h, reason := p.handingOf(f, id)
	if reason != "" {
		return reason
	}
	errs.same, errs.alike = false, false
	if sendsAndReceives(h.param.Type()) {
		errs.looked = true
		return "" // a conversation is one too
	}
	if reason := p.unfit(h); reason != "" {
		return reason
	}
	to := h.sharedBy(plan, m)
	if to == nil {
		return ""
	}
	to.plan.replace(to.f, h.field.Type.Pos(), h.field.Type.End(), "*"+to.name("github.com/gohostrpc/gohost/stream", "stream")+".Conversation["+to.typeName(m.req)+", "+to.typeName(m.res)+"]")
	return h.inside(p.converse(to.plan, to.f, h.param, m, errs))
}

// sendsAndReceives reports whether t is an interface with no methods but Send and Recv.
func sendsAndReceives(t types.Type) bool {
	i, ok := t.Underlying().(*types.Interface)
	if !ok || namedObject(t) != nil && namedObject(t).Pkg() != nil && namedObject(t).Pkg().Path() == "google.golang.org/grpc" {
		return false
	}
	for m := range i.Methods() {
		if m.Name() != "Send" && m.Name() != "Recv" {
			return false
		}
	}
	return i.NumMethods() > 0
}

// pulls plans the change of a function that is given the stream of a server-streaming
// call: it is given the recv function.
func (p *program) pulls(plan *plan, h *handing, m *method) string {
	if reason := p.unfit(h); reason != "" {
		return reason
	}
	to := h.sharedBy(plan, m)
	if to == nil {
		return ""
	}
	r, reason := p.receiptsOf(to.f, h.param, h.to.decl)
	if reason != "" {
		return h.inside(reason)
	}
	recv := p.newName(to.f, h.to.decl.Body, h.param, "recv")
	to.plan.replace(to.f, h.field.Pos(), h.field.Type.End(), recv+" func() ("+to.typeName(m.res)+", error)")
	return h.inside(r.change(to.plan, to.f, recv, m))
}
