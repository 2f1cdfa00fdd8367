package doctest

import (
	"io"
	"regexp"
	"strings"
	"testing"

	"google.golang.org/protobuf/types/pluginpb"

	"github.com/gohostrpc/gohost/generator"
	"github.com/gohostrpc/gohost/generator/proxy"
	"github.com/gohostrpc/gohost/internal/plugintest"
)

// docs/parameters.md has every parameter of both plugins, as their errors list them.
func TestParametersAreDocumented(t *testing.T) {
	t.Parallel()
	page := readFile(t, "docs/parameters.md")
	for name, generate := range map[string]func(*pluginpb.CodeGeneratorRequest, io.Writer) *pluginpb.CodeGeneratorResponse{
		generator.Name: generator.Generate, proxy.Name: proxy.Generate,
	} {
		req, err := plugintest.RequestFromSources("nonsense=1", map[string]string{"a.proto": `syntax = "proto3"; option go_package = "example.com/a";`}, "a.proto")
		if err != nil {
			t.Fatal(err)
		}
		m := regexp.MustCompile(`unknown parameter "nonsense": allowed are (.+)`).FindStringSubmatch(generate(req, io.Discard).GetError())
		if m == nil {
			t.Fatalf("%s does not list its parameters", name)
		}
		list := strings.NewReplacer(" and those of every Go plugin: ", ", ", " and ", ", ", "<file>", "FILE").Replace(m[1])
		for parameter := range strings.SplitSeq(list, ", ") {
			if !regexp.MustCompile("`" + regexp.QuoteMeta(parameter) + "[=`]").MatchString(page) {
				t.Errorf("docs/parameters.md has no parameter %s of %s", parameter, name)
			}
		}
	}
}
