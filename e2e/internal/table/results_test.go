package main

import (
	"strings"
	"testing"
)

func TestTable(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		in, want, err string
	}{
		"cases of components, with what they saw": {
			in: `{"Action":"start","Package":"e2e/proxies"}
{"Action":"run","Package":"e2e/proxies","Test":"TestNginx"}
{"Action":"run","Package":"e2e/proxies","Test":"TestNginx/an_unknown_host"}
{"Action":"attr","Package":"e2e/proxies","Test":"TestNginx/an_unknown_host","Key":"seen","Value":"Unimplemented"}
{"Action":"pass","Package":"e2e/proxies","Test":"TestNginx/an_unknown_host","Elapsed":0.25}
{"Action":"run","Package":"e2e/proxies","Test":"TestDocs"}
{"Action":"pass","Package":"e2e/proxies","Test":"TestDocs","Elapsed":0}
{"Action":"pass","Package":"e2e/proxies","Test":"TestNginx","Elapsed":1}
{"Action":"pass","Package":"e2e/proxies","Elapsed":1}
`,
			want: `COMPONENT      CASE             RESULT  TIME  SEEN
proxies Docs                    ok      0.0s  
proxies Nginx  an unknown host  ok      0.2s  Unimplemented
`,
		},
		"a failure and its output": {
			in: `{"Action":"output","Package":"e2e/p","Test":"TestX/a","Output":"the reason\n"}
{"Action":"fail","Package":"e2e/p","Test":"TestX/a","Elapsed":2}
{"Action":"pass","Package":"e2e/p","Test":"TestX/b","Elapsed":2}
{"Action":"fail","Package":"e2e/p","Test":"TestX","Elapsed":2}
{"Action":"fail","Package":"e2e/p","Elapsed":2}
`,
			want: `COMPONENT  CASE  RESULT  TIME  SEEN
p X        a     FAILED  2.0s  
p X        b     ok      2.0s  
--- FAILED: e2e/p/TestX/a
the reason

`,
			err: "1 failed: p X a",
		},
		"a package that does not build": {
			in: `{"Action":"build-output","ImportPath":"e2e/p [e2e/p.test]","Output":"x.go:1: syntax error\n"}
{"Action":"build-fail","ImportPath":"e2e/p [e2e/p.test]"}
{"Action":"fail","Package":"e2e/p","Elapsed":0,"FailedBuild":"e2e/p [e2e/p.test]"}
`,
			want: `COMPONENT  CASE  RESULT  TIME  SEEN
p                FAILED  0.0s  
--- FAILED: e2e/p/
x.go:1: syntax error

`,
			err: "1 failed: p",
		},
		"a test that never ended": {
			in: `{"Action":"run","Package":"e2e/p","Test":"TestX"}
{"Action":"output","Package":"e2e/p","Test":"TestX","Output":"panic: test timed out\n"}
{"Action":"fail","Package":"e2e/p","Elapsed":600}
`,
			want: `COMPONENT  CASE  RESULT  TIME  SEEN
p X              FAILED  0.0s  
--- FAILED: e2e/p/TestX
panic: test timed out

`,
			err: "1 failed: p X",
		},
		"a package that fails by itself": {
			in: `{"Action":"pass","Package":"e2e/p","Test":"TestX"}
{"Action":"output","Package":"e2e/p","Output":"goleak: found\n"}
{"Action":"fail","Package":"e2e/p","Elapsed":1}
`,
			want: `COMPONENT  CASE  RESULT  TIME  SEEN
p                FAILED  1.0s  
p X              ok      0.0s  
--- FAILED: e2e/p/
goleak: found

`,
			err: "1 failed: p",
		},
		"nothing was run": {
			in:   `{"Action":"skip","Package":"e2e/p","Test":"TestX"}`,
			want: "COMPONENT  CASE  RESULT   TIME  SEEN\np X              skipped  0.0s  \n--- skipped: e2e/p/TestX\n\n",
			err:  "no test passed",
		},
		"something else": {
			in:  "make: *** [e2e] Error 1",
			err: "not the output of go test -json: invalid character 'm' looking for beginning of value",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out strings.Builder
			var got string
			if err := run(strings.NewReader(test.in), &out); err != nil {
				got = err.Error()
			}
			if out.String() != test.want {
				t.Errorf("written:\n%s\nwant:\n%s", out.String(), test.want)
			}
			if got != test.err {
				t.Errorf("error %q, want %q", got, test.err)
			}
		})
	}
}
