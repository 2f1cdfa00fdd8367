package main

const (
	client   = "stub/client.go"
	call     = "stub/call.go"
	closing  = "stub/close.go"
	producer = "stub/producer.go"
	produce  = "stub/produce.go"
	refuse   = "stub/refuse.go"
	message  = "stub/message.go"
	requests = "stub/requests.go"
	server   = "stub/server.go"
	failures = "stub/errors.go"
	settings = "stub/stub.go"
)

var stubBugs = []bug{
	// The client.
	{"error swallowed", client, "if err != nil {\n\t\t\tyield(none, err)\n\t\t}\n\t}\n}\n\n// ClientStreaming", "}\n}\n\n// ClientStreaming"},
	{"error of a bidirectional call swallowed", client, "if err != nil && !left {", "if false && err != nil && !left {"},
	{"EOF instead of a status", call, "\t\terr = pushback.Keep(err, c.Trailer())\n\t}\n\treturn c.route.asStatus(err)", "\t\terr = pushback.Keep(err, c.Trailer())\n\t}\n\treturn io.EOF"},
	{"open without cancel on error", call, "\t\tc.cancel()\n\t\treturn nil, route.asStatus", "\t\treturn nil, route.asStatus"},
	{"message reused unasked", client, "if c.reuse && reset == nil {", "if reset == nil {"},
	{"reuse refused", client, "if c.reuse && reset == nil {", "if false && reset == nil {"},
	{"reused message not emptied", client, "\t\t\treset()\n", ""},
	{"reused message emptied by Reset though it has ResetVT", message, "\tcase interface{ ResetVT() }:\n\t\treturn msg.ResetVT\n", ""},
	{"reused message without Reset not emptied", message, "return reflect.ValueOf(msg).Elem().SetZero", "_ = reflect.ValueOf(msg)\n\treturn func() {}"},
	{"early answer lost", producer, "\tcase io.EOF: // the RPC has ended; its receiving side says why\n\t\tp.keep(end{})\n\t\treturn\n", ""},
	{"no status for an error of sending", failures, "if err == nil || err == io.EOF {\n\t\treturn err", "if true {\n\t\treturn err"},
	{"no status for an error of an interceptor", failures, "\treturn statusError{err}", "\treturn err"},
	{"header after the first message", client, "if err := c.handOverHeader(); err != nil {\n\t\treturn false, err\n\t}", ""},
	{"one header for all who asked for it", call, "header.Copy()", "header"},
	{"response with the error of a unary call", client, "return none, route.asStatus(noEOF(method, err))\n\t}\n\treturn res, nil\n}\n\n// ServerStreaming", "return res, route.asStatus(noEOF(method, err))\n\t}\n\treturn res, nil\n}\n\n// ServerStreaming"},
	{"io.EOF of sendOnly returned", call, "if err == io.EOF {\n\t\treturn nil\n\t}", ""},
	{"close after the error is seen", client, "\t\tc.close(drain)\n\t\tif err != nil {", "\t\tif err != nil {"},
	{"close after the error of a bidirectional call is seen", client, "\t\tc.close(drain)\n\t\terr = p.outcome(err)", "\t\terr = p.outcome(err)"},
	// Leaving a call.
	{"no cancel on break", closing, "\tc.forgetFinish()\n\tc.cancel()\n", "\tc.forgetFinish()\n"},
	{"no drain", closing, "\t\tc.drain(scratch)\n", ""},
	{"drain without a limit", closing, "for range drainAtMost {", "for {"},
	{"leaving waits for the drain", closing, "if !await.Within(drained, leaveWithin) {", "if <-drained; !await.Within(drained, leaveWithin) {"},
	{"targets not waited for", closing, "\t\tc.awaitTargets(drained, drainWithin)\n", ""},
	// The producer of requests.
	{"send all before reading", producer, "go func() {", "func() {"},
	{"no half-close", producer, "err = c.closeSend()", "err = nil"},
	{"half-close before the end is marked", producer, "\t\tp.keep(end{})\n\t\tif err = c.closeSend(); err == nil || err == io.EOF {\n\t\t\treturn\n\t\t}", "\t\tif err = c.closeSend(); err == nil || err == io.EOF {\n\t\t\treturn\n\t\t}"},
	{"producer's error turned into a half-close", producer, "\t\tp.keep(end{err: err})\n\t\tc.cancel()", "\t\t_ = c.closeSend()"},
	{"producer's error does not cancel", producer, "\t\tp.keep(end{err: err})\n\t\tc.cancel()", "\t\tp.keep(end{err: err})"},
	{"producer's error wins over all", producer, "(err == nil || err == io.EOF || status.Code(err) == codes.Canceled && !e.after)", "(true || status.Code(err) == codes.Canceled)"},
	{"producer's error forgotten", producer, "if e.err != nil && (err", "if false && (err"},
	{"producer's error loses to OK", producer, "(err == nil || err == io.EOF ||", "("},
	{"producer's error loses to Canceled", producer, "codes.Canceled && !e.after", "codes.Canceled && false"},
	{"producer's own error wins over the end of the context", producer, "&& !e.after)", ")"},
	{"end of the context counts as the producer's", producer, "case codeOf(err) == codeOf(ended):", "case false:"},
	{"producer's error without a status", producer, "\terr = c.route.producerStatus(err)\n", ""},
	{"producer's context error without the host", failures, "!ok && codeOf(err) != codes.Unknown", "!ok && false"},
	{"producer's panic forgotten", producer, "if e.raise != nil {", "if false {"},
	{"producer's panic does not cancel", producer, "caught.Raise(r) }})\n\tc.cancel()", "caught.Raise(r) }})"},
	{"producer's panic crashes the process", producer, "\tp.keep(end{raise: func() { caught.Raise(r) }})\n\tc.cancel()\n", "\tp.keep(end{raise: func() { caught.Raise(r) }})\n\tc.cancel()\n\tif c.outer.Err() != nil {\n\t\tcaught.Raise(r)\n\t}\n"},
	{"producer's panic not logged", producer, "\tcaught.Log(", "\t_ = caught.Log\n\tfunc(string, any) {}("},
	{"request that could not be sent not reported", call, "\tunsent.Report(c.outer, req)\n", "\t_ = unsent.Report\n"},
	// The options.
	{"With appends in place", settings, "with.opts = slices.Concat(with.opts, opts)", "with.opts = append(with.opts, opts...)"},
	{"capacity left after the options", settings, "opts = slices.Clip(append(opts, s.opts...))", "opts = append(append(make([]grpc.CallOption, 0, 64), opts...), s.opts...)"},
	{"options not cloned", settings, "with.opts = slices.Concat(with.opts, opts)", "if len(with.opts) == 0 {\n\t\twith.opts = opts\n\t} else {\n\t\twith.opts = slices.Concat(with.opts, opts)\n\t}"},
	{"tuning not reset in With", settings, "\ts.tuning = tuning{}\n", ""},
	{"StaticMethod left out", settings, "\topts = append(opts, grpc.StaticMethod())\n", ""},
	// The server.
	{"handler's error dropped", server, "\treturn endOfHandler(ss.Context(), err)\n}\n\n// endOfHandler", "\t_ = endOfHandler(ss.Context(), err)\n\treturn nil\n}\n\n// endOfHandler"},
	{"end with the context counts as a clean end", server, "if err == nil && ss.Context().Err() != nil {", "if false {"},
	{"only a deadline counts as an end with the context", server, "if err == nil && ss.Context().Err() != nil {", "if err == nil && ss.Context().Err() == context.DeadlineExceeded {"},
	{"cause of the context ignored", server, "\t\t\terr = cause\n", "\t\t\t_ = cause\n"},
	{"cause of the context wins over an own error", server, "&& codeOf(err) == codeOf(ended) {", "{"},
	{"cause with the status OK", server, "ok && s.Code() != codes.OK {", "ok && s != nil {"},
	{"host visible to the callers of a gateway", server, "return private.Public(err)", "_ = private.Public\n\treturn err"},
	{"handler gets a fresh context", server, "method(ss.Context(), req)", "method(context.Background(), req)"},
	{"bidirectional handler gets a fresh context", server, "method(ss.Context(), reqs.all))\n}\n\n// respond", "method(context.Background(), reqs.all))\n}\n\n// respond"},
	{"interceptor's request ignored", server, "return interceptor(ctx, req, info, func(ctx context.Context, req any) (any, error) {", "received := any(req)\n\treturn interceptor(ctx, req, info, func(ctx context.Context, req any) (any, error) {\n\t\treq = received"},
	{"interceptor's context ignored", server, "return interceptor(ctx, req, info, func(ctx context.Context, req any) (any, error) {", "outer := ctx\n\treturn interceptor(ctx, req, info, func(ctx context.Context, req any) (any, error) {\n\t\tctx = outer"},
	{"method with neither a message nor an error", server, "case any(res) == any(none):", "case false && any(res) == any(none):"},
	{"implementations not checked", server, "\t\timplementation.Must(desc, impl)\n", "\t\t_ = implementation.Must\n"},
	{"requests usable after the handler's return", requests, "{ r.closed.Store(true) }", "{}"},
	{"requests not checked after a wait", requests, "err = r.ss.RecvMsg(req)\n\t// It may have waited for a long time.\n\tif r.closed.Load() {", "err = r.ss.RecvMsg(req)\n\tif false {"},
	{"requests' error forgotten", requests, "\t\tr.err = err\n", ""},
	{"requests' error without a status", requests, "\t\t\terr = asStatus(err)\n", "\t\t\t_ = asStatus\n"},
	{"requests not locked", requests, "\tr.mu.Lock()\n\tdefer r.mu.Unlock()\n", ""},
	{"requests reused unasked", requests, "if r.reset != nil {\n", "if r.reset == nil {\n\t\tr.reused = r.newReq()\n\t\tr.reset = resetOf(r.reused)\n\t}\n\tif true {\n"},
	{"reused request not emptied", requests, "\t\tr.reset()\n", ""},
	// The run of a sequence.
	{"a yield after the end is sent", produce, "\tif r.ended {\n\t\tr.mu.Unlock()\n\t\treturn false\n\t}\n", ""},
	{"two goroutines may yield", produce, "r.overlap.Load()", "false"},
	{"the run ends without its lock", produce, "func (r *run) end(err error) error {\n\tr.mu.Lock()\n\tdefer r.mu.Unlock()\n", "func (r *run) end(err error) error {\n"},
	{"unwinding not recovered", produce, "raised := recover()", "raised := any(nil)"},
	{"unwinding of another sequence counts as a clean end", produce, "\t\terr = misuse(r.method, \"the sequence went on calling", "\t\t_ = misuse(r.method, \"the sequence went on calling"},
	{"a user's panic counts as an unwinding", produce, "\tcase !ok:\n\t\tpanic(raised)\n", "\tcase !ok:\n"},
	{"a sequence that ignores the results of yield is not unwound", refuse, "case r.countOwn() >= ownRefusals:", "case false:"},
	{"unwound at the first false", refuse, "\tfreeRefusals = 1000\n", "\tfreeRefusals = 1\n"},
	{"results of yield in other goroutines counted for the sequence", refuse, "case r.countOwn() >= ownRefusals:", "case n >= ownRefusals:"},
	{"a user's goroutine is unwound", refuse, "case !inProduce():", "case false:"},
	{"a user's goroutine is not slowed down", refuse, "\t\ttime.Sleep(min(", "\t\t_ = (min("},
	{"only the innermost frames are checked", refuse, "\t\tif n < len(pcs) {\n", "\t\tif n > 0 {\n"},
	{"nil sequence ranged over", produce, "if seq == nil {", "if false {"},
	{"nil message sent", produce, "case any(msg) == any(zero):", "case false && any(msg) == any(zero):"},
	{"io.EOF counts as an end", failures, "case err == io.EOF:\n\t\treturn misuse(method, \"the error is io.EOF", "case false:\n\t\treturn misuse(method, \"the error is io.EOF"},
	{"error with the status OK sent", failures, "case status.Code(err) == codes.OK:", "case false:"},
	{"yield true after an error of sending", produce, "return err == nil\n}", "return true\n}"},
	// Errors.
	{"environment is the caller's fault", failures, "Errorf(codes.Internal, \"gohost: %s: the environment", "Errorf(codes.InvalidArgument, \"gohost: %s: the environment"},
	{"invalid host visible to the callers of a gateway", failures, "the host of the call is invalid\", service)", "the host of the call is invalid: %v\", service, err)"},
}
