package main

const (
	resume    = "stream/resume.go"
	resumer   = "stream/resumer.go"
	resumable = "stream/resumable.go"
	pushback  = "internal/pushback/pushback.go"
	retryInfo = "internal/pushback/retryinfo.go"
)

var resumeBugs = []bug{
	{"position of a message that was not taken", resume, "\t\t\t\tnext := position(msg)\n\t\t\t\tif !yield(msg, nil) {\n\t\t\t\t\treturn\n\t\t\t\t}\n\t\t\t\tat, t.progress = next, true", "\t\t\t\tif !yield(msg, nil) {\n\t\t\t\t\treturn\n\t\t\t\t}\n\t\t\t\tat, t.progress = position(msg), true"},
	{"position forgotten", resume, "at, t.progress = next, true", "_, t.progress = next, true"},
	{"second loop continues", resume, "\treturn func(yield func(T, error) bool) {\n\t\tvar none T\n\t\tvar at P\n", "\tvar at P\n\treturn func(yield func(T, error) bool) {\n\t\tvar none T\n"},
	{"call's context is the outer one", resume, "return scoped(pushback.NewContext(ctx), \"Resume\", func(ctx context.Context)", "return scoped(pushback.NewContext(ctx), \"Resume\", func(context.Context)"},
	{"error dropped at the end", resume, "\t\t\t\t\tyield(none, err)\n", "\t\t\t\t\t_ = none\n"},
	{"message does not reset the backoff", resume, "\t\t\t\ttries = 0\n", ""},
	{"long call does not count as progress", resumer, " || time.Since(t.opened) >= r.backoff.MaxDelay", ""},
	{"tries after the end of the context", resumer, "if err := ctx.Err(); err != nil && t.err != nil {", "if err := ctx.Err(); err != nil && false {"},
	{"clean end counts as the end of the context", resumer, "err != nil && t.err != nil {", "err != nil {"},
	{"tries although the server forbids it", resumer, "pushed.Never || ", ""},
	{"limit one too many", resumer, "tries >= r.attempts", "tries > r.attempts"},
	{"limit of none", resumer, "r.attempts > 0 && ", ""},
	{"pushback not waited for", pushback, "return e.Pushback, true", "return Pushback{Never: e.Never}, true"},
	{"RetryInfo not waited for", retryInfo, "return info.GetRetryDelay().AsDuration(), true", "return 0 * info.GetRetryDelay().AsDuration(), true"},
	{"server not waited for", resumer, "wait = asTold(pushed.Wait, wait, t)", "_ = wait"},
	{"RetryInfo makes a busy loop", resumer, "\treturn max(told, wait)\n", "\treturn max(told, 0)\n"},
	{"RetryInfo after a message not exact", resumer, "\t\treturn max(told, 0)\n", "\t\treturn max(told, wait)\n"},
	{"callback not called", resumer, "\t\tf(Resumption{Err: t.err, Fruitless: tries, Wait: wait})\n", "\t\t_ = f\n"},
	{"no growth", resumer, "delay *= r.backoff.Multiplier", "delay *= 1"},
	{"no longest delay", resumer, "delay = min(delay, longest) * (1", "delay = delay * (1"},
	{"no jitter", resumer, "(1 + r.backoff.Jitter*(2*rand.Float64()-1))", "(1 + 0*rand.Float64())"},
	{"waits from the end of the call", resumer, "max(time.Duration(delay)-time.Since(t.opened), 0)", "time.Duration(delay)"},
	{"zero backoff spins", resumer, "\tif r.backoff.BaseDelay <= 0 {", "\tif r.backoff.BaseDelay < -1<<60 {"},
	{"zero multiplier spins", resumer, "\tif r.backoff.Multiplier <= 0 {", "\tif r.backoff.Multiplier < -1e9 {"},
	{"zero longest delay spins", resumer, "\tif r.backoff.MaxDelay <= 0 {", "\tif r.backoff.MaxDelay < -1<<60 {"},
	{"nil decision called", resumer, "\tif r.decide == nil {", "\tif false {"},
	{"sleeps through the end of the context", resumer, "await.Within(ctx.Done(), d)", "await.Within(nil, d)"},
	{"end of the context hides the failure", resumer, "causes: []error{last, err}}", "causes: []error{err, err}}"},
	{"limit hides the cause", resumer, "causes: []error{last}}", "causes: []error{status.Error(codes.Unavailable, \"\")}}"},
	{"status names the host", resumer, "status.Convert(private.Public(e.causes[0])).Message()", "e.causes[0].Error() + private.Public(e.causes[0]).Error()[:0]"},
	{"handler's Internal retried", resumable, "return text == textNoTrailer ||", "return true || text == textNoTrailer ||"},
	{"reset not retried", resumable, " || strings.HasPrefix(text, textReset)\n", "\n"},
	{"missing trailer not retried", resumable, "text == textNoTrailer || ", ""},
	{"half a message not retried", resumable, "text == textTruncated || ", ""},
	{"500 not retried", resumable, "\t\treturn strings.HasPrefix(text, textHTTP5xx)\n", "\t\treturn false\n"},
	{"reset by CANCEL not retried", resumable, "\t\treturn strings.HasPrefix(text, textReset) //", "\t\treturn false //"},
	{"Unavailable not retried", resumable, "s.Code() == codes.Unavailable || ", ""},
	{"RetryInfo does not count as a reason", resumable, "\treturn ok\n", "\treturn ok && false\n"},
	{"nil counts as a reason", resumable, "\tif err == nil {\n\t\treturn false\n\t}\n", "\tif err == nil {\n\t\treturn true\n\t}\n"},
	{"strange pushback obeyed", pushback, "len(values) == 1 && parse == nil && ms >= 0", "parse == nil && ms >= 0"},
	{"negative pushback waited for", pushback, " && ms >= 0", ""},
	{"invalid pushback ignored", pushback, "p := Pushback{Never: true}", "p := Pushback{}"},
	{"trailer read before the end of the call", "stub/call.go", "if c.over != nil && c.over.Load() {", "if c.over != nil {"},
	{"no trailer asked for", "stub/call.go", "\tif pushback.Wanted(ctx) {", "\tif false {"},
}
