package sequence

import (
	"go/ast"
	"go/types"
)

// Kind is one of the two kinds of methods of a service that range requests.
type Kind int

// The kinds; others are None.
const (
	None Kind = iota
	ClientStreaming
	BidiStreaming
)

// KindOf returns the kind of a method of a service with the type t.
func KindOf(t types.Type) Kind {
	f, ok := t.Underlying().(*types.Signature)
	if !ok || f.Params().Len() != 2 || !IsContext(f.Params().At(0).Type()) || !OfMessages(f.Params().At(1).Type()) {
		return None
	}
	switch results := f.Results(); {
	case results.Len() == 1 && OfMessages(results.At(0).Type()):
		return BidiStreaming
	case results.Len() == 2 && isMessage(results.At(0).Type()) && IsError(results.At(1).Type()):
		return ClientStreaming
	}
	return None
}

// KindOfFunction is KindOf for the function f, a declaration or a literal.
func KindOfFunction(info *types.Info, f ast.Node) Kind { return KindOf(signature(info, f)) }

// OfMessages reports whether t is a sequence of messages.
func OfMessages(t types.Type) bool {
	if !Is(t) {
		return false
	}
	yield := t.Underlying().(*types.Signature).Params().At(0).Type().Underlying().(*types.Signature)
	return isMessage(yield.Params().At(0).Type())
}

// isMessage reports whether t has the method of a protobuf message: functions
// that range other sequences are not part of a service.
func isMessage(t types.Type) bool {
	method, _, _ := types.LookupFieldOrMethod(t, false, nil, "ProtoReflect")
	_, ok := method.(*types.Func)
	return ok
}

// IsContext reports whether t is a context.Context.
func IsContext(t types.Type) bool {
	named, ok := types.Unalias(t).(*types.Named)
	if !ok || named.Obj().Pkg() == nil {
		return false
	}
	return named.Obj().Pkg().Path() == "context" && named.Obj().Name() == "Context"
}
