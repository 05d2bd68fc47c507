package vaulttest

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/vault/api"
	"github.com/stretchr/testify/require"
)

// loop is a loop of the shell; only one word follows the variable.
var loop = regexp.MustCompile(`(?s)for (\w+) in ([\w ]+); do\s(.*?)\s?;? ?done`)

// commands are those in the sh blocks of deploy/vault/README.md, in their order,
// each split into words.
func commands(t testing.TB) (all [][]string) {
	text := read(t, "README.md")
	for {
		_, rest, found := strings.Cut(text, "\n```sh\n")
		if !found {
			require.NotEmpty(t, all)
			return all
		}
		var block string
		block, text, found = strings.Cut(rest, "\n```\n")
		require.True(t, found)
		block = strings.ReplaceAll(block, "\\\n", " ")
		block = loop.ReplaceAllStringFunc(block, func(whole string) string {
			parts, once := loop.FindStringSubmatch(whole), []string{}
			for _, value := range strings.Fields(parts[2]) {
				once = append(once, strings.ReplaceAll(parts[3], "$"+parts[1], value))
			}
			return strings.Join(once, "\n")
		})
		for line := range strings.Lines(block) {
			line = strings.TrimSpace(line)
			if line == "" || line[0] == '#' {
				continue
			}
			found := words(line)
			require.Equal(t, "vault", found[0], "the block is for a shell that has vault: %s", line)
			all = append(all, found[1:])
		}
	}
}

// words splits a line as a shell does, with single quotes.
func words(line string) (all []string) {
	var word strings.Builder
	quoted := false
	for _, r := range line + " " {
		switch {
		case r == '\'':
			quoted = !quoted
		case r == ' ' && !quoted:
			if word.Len() > 0 {
				all = append(all, word.String())
			}
			word.Reset()
		default:
			word.WriteRune(r)
		}
	}
	return all
}

func TestWordsOfAShell(t *testing.T) {
	t.Parallel()
	require.Equal(t, []string{"vault", "write", "a=b c-d", "-f"}, words("vault  write a='b c'-'d' -f"))
}

// run does what `vault` does with a command, as far as the README goes. Fields
// stand in for what a reader must put in: hosts and logins of their own.
func (s *real) run(t testing.TB, command []string, fields func(path string, data map[string]any)) {
	ctx, sys := t.Context(), s.root.Sys()
	flags, words := map[string]string{}, []string{}
	for _, word := range command {
		if flag, value, _ := strings.Cut(word, "="); strings.HasPrefix(word, "-") {
			flags[flag] = value
			continue
		}
		words = append(words, word)
	}
	switch verb := words[0] + " " + words[1]; {
	case verb == "secrets enable":
		input := &api.MountInput{Type: words[2]}
		if version := flags["-version"]; version != "" {
			input.Options = map[string]string{"version": version}
		}
		path := flags["-path"]
		if path == "" {
			path = words[2]
		}
		require.NoError(t, sys.MountWithContext(ctx, path, input))
	case verb == "auth enable":
		require.NoError(t, sys.EnableAuthWithOptionsWithContext(ctx, words[2], &api.EnableAuthOptions{Type: words[2]}))
	case verb == "policy write":
		require.NoError(t, sys.PutPolicyWithContext(ctx, words[2], read(t, words[3])))
	case words[0] == "write":
		data := map[string]any{}
		for _, word := range words[2:] {
			name, value, found := strings.Cut(word, "=")
			require.True(t, found, word)
			if file, ok := strings.CutPrefix(value, "@"); ok {
				value = read(t, file)
			}
			data[name] = value
		}
		fields(words[1], data)
		answer := s.write(t, words[1], data)
		if field := flags["-field"]; field != "" {
			require.NotEmpty(t, answer.Data[field])
		}
	case words[0] == "read":
		answer, err := s.root.Logical().ReadWithContext(ctx, words[1])
		require.NoError(t, err)
		require.NotEmpty(t, answer.Data[flags["-field"]])
	default:
		t.Fatalf("the README says `vault %s`: teach the test what that does", strings.Join(command, " "))
	}
}

// The README's own list of policies is the folder's.
func TestEveryPolicyIsWritten(t *testing.T) {
	t.Parallel()
	files, err := os.ReadDir("../deploy/vault")
	require.NoError(t, err)
	written := map[string]bool{}
	for _, command := range commands(t) {
		if command[0] == "policy" {
			require.Equal(t, "voicehive-"+strings.TrimSuffix(command[3], ".hcl"), command[2])
			written[command[3]] = true
		}
	}
	for _, file := range files {
		if strings.HasSuffix(file.Name(), ".hcl") {
			require.True(t, written[file.Name()], file.Name())
		}
	}
	require.Len(t, written, len(shipped))
}
