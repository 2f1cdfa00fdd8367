package main

const (
	talk      = "stream/conversation.go"
	method    = "stream/method.go"
	topic     = "stream/topic.go"
	ring      = "stream/ring.go"
	sequences = "stream/sequences.go"
	scope     = "stream/scope.go"
	within    = "stream/within.go"
	limits    = "stream/limitedstream.go"
	channel   = "stream/chan.go"
)

var streamBugs = []bug{
	// Conversations.
	{"Close does not cancel", talk, "\tc.cancel()\n\tc.awaitEnd()", "\tc.awaitEnd()"},
	{"Close does not wait", talk, "\tc.cancel()\n\tc.awaitEnd()", "\tc.cancel()"},
	{"Close collects", talk, "\tc.refusing, c.collected = true, nil\n", ""},
	{"Close is a clean end of the requests", method, "\t\t\tvar none Req\n\t\t\tyield(none, c.canceled())\n", ""},
	{"CloseSend does not end the requests", method, "\t\tcase <-c.sent:\n\t\t\treturn\n", ""},
	{"method's panic swallowed", method, "caught.RaiseOnce(r)", "func() {}"},
	{"method's panic repeated at each Recv", method, "caught.RaiseOnce(r)", "func() { caught.Raise(r) }"},
	{"no error after a panic", method, "c.end(status.Error(codes.Internal, \"stream: the method given to Open panicked\"), ", "c.end(nil, "},
	{"method's context continues after the end", method, "\t\tc.cancel()\n\t\tclose(c.ended)", "\t\tclose(c.ended)"},
	{"nil sequence dereferenced", method, "\tif seq == nil {", "\tif false {"},
	{"nil message sent", talk, "\tif isNil(req) {", "\tif false {"},
	{"Send does not learn of the end", method, "\t\tc.closeOver()\n", ""},
	{"Send believes another call's end", method, "\tif own {", "\tif own || true {"},
	{"Send waits after the context's end", talk, "\tcase <-c.over:\n\t\treturn io.EOF\n\tcase <-c.ctx.Done():\n\t\treturn io.EOF\n\t}\n}", "\tcase <-c.over:\n\t\treturn io.EOF\n\tcase <-c.ended:\n\t\treturn io.EOF\n\t}\n}"},
	{"messages that had arrived are dropped", method, "\tc.collected = append(c.collected, res)\n\treturn true", "\treturn false"},
	{"the context's error hides the status", talk, "\tcase <-c.ctx.Done():\n\t\tc.awaitEnd()\n", "\tcase <-c.ctx.Done():\n\t\tc.end(c.canceled(), func() {})\n"},
	{"a method that ignores its context holds Recv", talk, "if !await.Within(c.ended, collectWithin) {", "if <-c.ended; !await.Within(c.ended, collectWithin) {"},
	// Topics.
	{"slow subscriber not ended", ring, "&& r.slow == EndSlow", "&& false"},
	{"slow subscriber reads overwritten events", ring, "*at = r.next - queue", "*at = r.next - queue - 1"},
	{"subscribers not woken", ring, "\tr.next++\n\tr.wake()", "\tr.next++"},
	{"subscription outlives its context", ring, "\t\tif err := ctx.Err(); err != nil {\n\t\t\treturn event, false, err\n\t\t}\n", ""},
	{"queue without room", ring, "max(opts.Queue, 1)", "opts.Queue"},
	{"zero Topic without a queue", topic, "newRing[T](TopicOptions{})", "&ring[T]{}"},
	{"closed Topic keeps its events", topic, "\tt.ring = &ring[T]{closed: true} // a later subscription is empty\n", ""},
	// Sequences and scopes.
	{"FromChan looks at ch before ctx", sequences, "\t\t\tif err := ctx.Err(); err != nil {\n\t\t\t\tvar none T\n\t\t\t\tyield(none, err)\n\t\t\t\treturn\n\t\t\t}\n\t\t\tselect {\n\t\t\tcase <-ctx.Done():\n", "\t\t\tselect {\n\t\t\tcase <-ctx.Done():\n\t\t\t\tvar none T\n\t\t\t\tyield(none, ctx.Err())\n\t\t\t\treturn\n"},
	{"FromRecv takes a wrapped io.EOF for the end", sequences, "if err == io.EOF {", "if errors.Is(err, io.EOF) {"},
	{"FromRecv yields a value with the error", sequences, "\t\t\t\tvar none T\n\t\t\t\tyield(none, err)\n\t\t\t\treturn\n\t\t\t}\n\t\t\tif !yield(msg, nil)", "\t\t\t\tyield(msg, err)\n\t\t\t\treturn\n\t\t\t}\n\t\t\tif !yield(msg, nil)"},
	{"ToRecv ends without io.EOF", sequences, "\t\t\terr = io.EOF\n\t\t}\n\t\tif err != nil {\n\t\t\tend(err)", "\t\t\terr = ErrLeft\n\t\t}\n\t\tif err != nil {\n\t\t\tend(err)"},
	{"ToRecv goes on after an error", sequences, "\t\t\tend(err)\n", ""},
	{"ToRecv forgets its end after stop", sequences, "\t\tif ended == nil {\n\t\t\tended = err", "\t\t{\n\t\t\tended = err"},
	{"stop of ToRecv does not leave the sequence", sequences, "\t\tleave()\n", ""},
	{"recv does not know that it was stopped", sequences, "end(ErrLeft) }", "end(io.EOF) }"},
	{"Map yields a value with the error", sequences, "\t\t\t\tvar none U\n\t\t\t\tyield(none, err)\n\t\t\t\treturn\n", "\t\t\t\tyield(mapped, err)\n\t\t\t\treturn\n"},
	{"Map continues after an error", sequences, "\t\t\t\tvar none U\n\t\t\t\tyield(none, err)\n\t\t\t\treturn\n", "\t\t\t\tvar none U\n\t\t\t\tif !yield(none, err) {\n\t\t\t\t\treturn\n\t\t\t\t}\n\t\t\t\tcontinue\n"},
	{"scope ends after the sequence", scope, "\t\t\tif !goOn { // also by a panic or Goexit of the loop\n\t\t\t\tcancel()\n\t\t\t}\n", ""},
	{"scope continues after the sequence", scope, "\t\tdefer cancel()\n\t\tuntilLeft(", "\t\tuntilLeft("},
	{"scope of a nil sequence", scope, "if seq := f(ctx); seq != nil {", "if seq := f(ctx); seq != nil || true {"},
	{"scope of a result continues", scope, "\tdefer cancel()\n\treturn f(ctx)", "\t_ = cancel\n\treturn f(ctx)"},
	{"a sequence is not kept open", sequences, "\t\t<-ctx.Done()\n", "\t\tif ctx.Err() == nil {\n\t\t\treturn\n\t\t}\n"},
	{"a sequence that failed is kept open", sequences, "if !yield(msg, err) || err != nil {", "if !yield(msg, err) {"},
	// Limits in time of what is received.
	{"silence ends nothing", within, "func() { cancel(silence) }", "func() {}"},
	{"the time in the loop counts", within, "late := waiting && !timer.Stop()", "late := waiting && context.Cause(ctx) == error(silence)"},
	{"only the first message has a limit", within, "\t\t\t\ttimer.Reset(p.d)\n", ""},
	{"each message has the limit of the first", within, "err == nil && !p.first", "err == nil"},
	{"a late message is yielded", within, "(err == nil || isCanceled(err))", "err != nil && isCanceled(err)"},
	{"silence hides a failure", within, "(err == nil || isCanceled(err))", "true"},
	{"silence looks like a cancellation", within, "(err == nil || isCanceled(err))", "err == nil"},
	{"only a status is a cancellation", within, "return status.Code(err) == codes.Canceled || errors.Is(err, context.Canceled)", "_ = errors.Is\n\treturn status.Code(err) == codes.Canceled"},
	{"only the context's error is a cancellation", within, "return status.Code(err) == codes.Canceled || errors.Is(err, context.Canceled)", "_, _ = status.Code, codes.Canceled\n\treturn errors.Is(err, context.Canceled)"},
	{"silence counts as a clean end", within, "if ended == nil && expired() {", "if false {"},
	{"silence hides the caller's end", within, "late && context.Cause(ctx) == error(silence)", "late"},
	{"silence names no host", within, "private.WithHostOf(err, silence)", "error(private.WithHostOf(nil, silence))"},
	{"a limit of no time", within, "if p.d <= 0 {", "if false {"},
	{"scope of a limit continues", within, "\t\tdefer cancel(nil)\n", ""},
	{"scope of a limit ends after the sequence", within, "func() { cancel(nil) }, func(", "func() {}, func("},
	{"silence is not a reason to continue", retryInfo, "err == nil {\n\t\treturn detailed", "err != nil {\n\t\treturn detailed"},
	// Limits in time of requests.
	{"a silent client holds its handler", limits, "\tcase <-s.timer.C:\n", "\tcase <-s.over:\n"},
	{"a silent client's context continues", limits, "\t\ts.cancel(s.silence)\n", ""},
	{"the handler's context has no cause", limits, "s.cancel(s.silence)", "s.cancel(nil)"},
	{"a handler whose client is silent may send", limits, "\tif s.expired.Load() {\n\t\treturn s.silence\n\t}\n\treturn s.ServerStream.SendMsg(m)", "\treturn s.ServerStream.SendMsg(m)"},
	{"a silent client receives again", limits, "\t\ts.broken = s.silence\n", ""},
	{"the handler's time counts", limits, "\t\ts.timer.Reset(s.d)\n", ""},
	{"the goroutine of the first request continues", limits, "\t\ts.direct.Store(true)\n\t\tclose(s.into)\n", ""},
	{"the first request counts like the others", limits, "\tcase s.first:\n", "\tcase false:\n"},
	{"receiving continues after the handler", limits, "\t\tcase <-s.over:\n\t\t\treturn\n", ""},
	{"a panic of receiving is lost", limits, "\t\ta.raise()\n", ""},
	{"a panic of receiving is not logged", limits, "\t\t\tcaught.Log(\"gohost: receiving a request\", r)\n", ""},
	{"receiving after a panic has no error", limits, "s.broken = status.Error(codes.Internal, \"stream: receiving a request panicked\")", "_ = codes.Internal"},
	{"a handler whose client is silent ends without an error", limits, "(err == nil || isCanceled(err))", "err != nil && isCanceled(err)"},
	{"a handler whose client is silent was canceled", limits, "(err == nil || isCanceled(err))", "err == nil"},
	{"silence hides the handler's own error", limits, "(err == nil || isCanceled(err))", "true"},
	{"a limit of requests of no time", "stream/requestswithin.go", "if p.d <= 0 {", "if false {"},
	{"the request of a server-streaming method counts as one of many", "stream/requestswithin.go", "p.first = p.first || !info.IsClientStream", "_ = info"},
	// Sequences as channels.
	{"Stop does not stop", channel, "\tcase <-c.left:\n\t\terr = ErrLeft\n", ""},
	{"Stop does not close", channel, "\t\tc.closeFor(ErrLeft)\n", ""},
	{"Stop does not wait for the sequence", channel, "wait := c.sending", "wait := false && c.sending"},
	{"Stop waits for a sequence that waits", channel, "wait := c.sending", "wait := !c.closed"},
	{"Stop waits forever", channel, "\t\tawait.Within(c.ended, stopWithin)\n", "\t\t<-c.ended\n"},
	{"the context does not close", channel, "\tif !c.sending {\n\t\tc.closeFor(c.ctx.Err())\n\t}\n", ""},
	{"the context hides why the sequence ends", channel, "\tif await.Within(c.ended, tellWithin) {\n\t\treturn\n\t}\n", ""},
	{"a message is sent after the end of the context", channel, "err := c.ctx.Err() // if several cases are ready, select chooses any of them", "var err error"},
	{"a waiting message ignores the context", channel, "\tcase <-c.ctx.Done():\n\t\terr = c.ctx.Err()\n", ""},
	{"a sequence continues when its Chan is closed", channel, "\t\tc.closeFor(err)\n\t\tc.mu.Unlock()\n\t\treturn false\n", "\t\tc.closeFor(err)\n\t\tc.mu.Unlock()\n\t\treturn true\n"},
	{"a panic of a sequence is swallowed", channel, "caught.RaiseOnce(r)", "func() {}"},
	{"a panic of a sequence is repeated at each Err", channel, "caught.RaiseOnce(r)", "func() { caught.Raise(r) }"},
	{"a Chan ranges over a nil sequence", channel, "\tif seq == nil {", "\tif false {"},
	// Responses.
	{"the responses of a conversation end with io.EOF", talk, "err == io.EOF || !yield(res, err)", "!yield(res, err)"},
	{"the responses continue after an error", talk, "!yield(res, err) || err != nil {", "!yield(res, err) {"},
}
