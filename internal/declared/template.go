package declared

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"

	"google.golang.org/protobuf/reflect/protoreflect"
)

var placeholder = regexp.MustCompile(`\{[^{}]*\}`)

// CheckTemplate returns an error if no service can use the template, which was
// given by that name. The result for a service is checked when it is expanded.
func CheckTemplate(name, template string) error {
	if template == "" {
		return fmt.Errorf("%s is empty: leave it out, or write one such as \"{service}.example\"", name)
	}
	for _, p := range placeholder.FindAllString(template, -1) {
		switch p {
		case "{service}", "{service_short}", "{package}", "{package_dashed}":
		default:
			return fmt.Errorf("%s %q: unknown placeholder %q: allowed are {service}, {service_short}, {package} and {package_dashed}", name, template, p)
		}
	}
	return nil
}

// Expand expands template, which may be "", for s.
func Expand(template string, s protoreflect.ServiceDescriptor) string {
	service := kebab(string(s.Name()))
	pkg := strings.ToLower(string(s.ParentFile().Package()))
	return strings.NewReplacer(
		"{service}", service,
		"{service_short}", short(service),
		"{package}", pkg,
		"{package_dashed}", strings.NewReplacer(".", "-", "_", "-").Replace(pkg),
	).Replace(template)
}

// short returns a name in kebab-case without a final word "service", which
// buf's linter requires: "order" for order-service. A service with only that
// word in its name keeps it.
func short(service string) string { return strings.TrimSuffix(service, "-service") }

// kebab returns a name in lower case with a hyphen between words: "square-service" for
// SquareService, "http-echo" for HTTPEcho, "v2-api" for V2_API.
func kebab(name string) string {
	var b strings.Builder
	runes := []rune(name)
	for i, r := range runes {
		if r == '_' {
			continue
		}
		if i > 0 && startsWord(runes, i) && b.Len() > 0 {
			b.WriteByte('-')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// startsWord reports whether a word begins at runes[i], after another word.
func startsWord(runes []rune, i int) bool {
	before, r := runes[i-1], runes[i]
	if before == '_' {
		return true
	}
	// The last capital of "HTTPEcho" begins the word that follows it.
	endsCapitals := unicode.IsUpper(before) && i+1 < len(runes) && unicode.IsLower(runes[i+1])
	return unicode.IsUpper(r) && (!unicode.IsUpper(before) || endsCapitals)
}
