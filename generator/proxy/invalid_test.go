package proxy_test

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/gohostrpc/gohost/generator/proxy"
	"github.com/gohostrpc/gohost/internal/plugintest"
)

// Each line of testdata/proxy/invalid/*.proto with a comment // want "regexp"
// "…" has errors that match, and there are no other errors. The first line has
// the parameters.
func TestInvalid(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(testdata + "/invalid/*.proto")
	if err != nil || len(files) == 0 {
		t.Fatalf("no files: %v", err)
	}
	for _, file := range files {
		name := "invalid/" + filepath.Base(file)
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			lines := strings.Split(string(text), "\n")
			req, err := plugintest.Request(strings.TrimPrefix(lines[0], "// "), []string{testdata, "../../proto"}, name)
			if err != nil {
				t.Fatal(err)
			}
			res := proxy.Generate(req, io.Discard)
			if len(res.GetFile()) > 0 {
				t.Error("there is output in spite of the errors")
			}
			checkErrors(t, wanted(lines, name), strings.Split(res.GetError(), "\n"))
		})
	}
}

// want is a wanted error: its beginning, and a pattern for the rest.
type want struct{ at, pattern string }

func wanted(lines []string, name string) []want {
	var wants []want
	for i, line := range lines {
		_, quoted, _ := strings.Cut(line, "// want ")
		for _, q := range regexp.MustCompile(`"[^"]*"`).FindAllString(quoted, -1) {
			wants = append(wants, want{fmt.Sprintf("%s:%d:", name, i+1), strings.Trim(q, `"`)})
		}
	}
	return wants
}

func checkErrors(t *testing.T, wants []want, got []string) {
	t.Helper()
	met := make([]bool, len(wants))
	for _, text := range got {
		known := false
		for i, w := range wants {
			if !met[i] && !known && strings.HasPrefix(text, w.at) && regexp.MustCompile(w.pattern).MatchString(text) {
				met[i], known = true, true
			}
		}
		if !known {
			t.Errorf("unexpected error: %s", text)
		}
	}
	for i, w := range wants {
		if !met[i] {
			t.Errorf("no error at %s matches %q", w.at, w.pattern)
		}
	}
}
