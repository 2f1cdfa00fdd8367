package proxy

import (
	"fmt"
	"strings"
	"text/template"

	"github.com/gohostrpc/gohost/templates"
)

var parsed = template.Must(template.New("").ParseFS(templates.Proxy, "proxy/*.tmpl"))

// render returns the configuration of c for t.
func render(t target, c *config) (string, error) {
	var b strings.Builder
	if err := parsed.ExecuteTemplate(&b, t.template, c); err != nil {
		return "", fmt.Errorf("target %s: %w", t.name, err)
	}
	return b.String(), nil
}
