package subjects_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/subjects"
)

func TestPhone(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ text, country, want string }{
		{"+49 30 5550199", "DE", "+49305550199"},
		{"+49 (0)30 5550199", "FR", "+49305550199"},
		{"030/555 01-99", "DE", "+49305550199"},
		{"0049 30 5550199", "DE", "+49305550199"},
		{"0049 30 5550199", "FR", "+49305550199"},
		{"030 5550199", "AT", "+43305550199"},
		{"+39 06 12345678", "IT", "+390612345678"},
		{"06 12345678", "IT", "+390612345678"},
		{"＋４９ ３０ ５５５０１９９", "DE", "+49305550199"},
		{"+49 30 5550199 ext. 7", "DE", "+49305550199"},
		{"020 7946 0018", "GB", "+442079460018"},
		{"call me", "DE", ""},
		{"12", "DE", ""},
		{"", "DE", ""},
		{"5550199", "", ""},
		{"\xff\xfe", "DE", ""},
		{strings.Repeat("1", 5000), "DE", ""},
	} {
		require.Equal(t, test.want, subjects.Phone(test.text, test.country), "%q in %s", test.text, test.country)
	}
}

func TestEmail(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ text, want string }{
		{"Ada@Example.COM", "ada@example.com"},
		{" ada@example.com ", "ada@example.com"},
		{"ada.l+hotel@example.com", "ada.l+hotel@example.com"},
		{"ADA@BÜCHER.example", "ada@xn--bcher-kva.example"},
		{"ada@xn--bcher-kva.example", "ada@xn--bcher-kva.example"},
		{"ａｄａ@example.com", "ada@example.com"},
		{"ada@example.com.", "ada@example.com"},
		{"nobody", ""},
		{"@example.com", ""},
		{"ada@", ""},
		{"a b@example.com", ""},
		{"ada@b@example.com", ""},
		{"ada@exa mple.com", ""},
		{"\xff@example.com", ""},
		{strings.Repeat("a", 500) + "@example.com", ""},
	} {
		require.Equal(t, test.want, subjects.Email(test.text), "%q", test.text)
	}
	require.NotEqual(t, subjects.Email("a.da@example.com"), subjects.Email("ada@example.com"), "dots belong to the address")
}

func TestName(t *testing.T) {
	t.Parallel()
	same := [][]string{
		{"Jürgen Müller", "JUERGEN MUELLER", "jurgen  muller", "Müller, Jürgen", "Ju\u0308rgen Mu\u0308ller"},
		{"Weiß", "WEISS", "weiss"},
		{"Seán O'Neill", "Sean O’Neill", "oneill sean"},
		{"Anne-Marie Lefèvre", "anne marie lefevre"},
		{"Łukasz Żółć", "Lukasz Zolc"},
		{"Søren", "Soeren", "Soren"},
		{"Ａｄａ", "ada"},
	}
	forms := map[string]string{}
	for _, names := range same {
		want := subjects.Name(names[0])
		require.NotEmpty(t, want)
		for _, name := range names {
			require.Equal(t, want, subjects.Name(name), "%s is %s", name, names[0])
		}
		require.Empty(t, forms[want], "%s and %s are two", names[0], forms[want])
		forms[want] = names[0]
	}
	for _, nobody := range []string{"", " ", "123", "\xff", "--", strings.Repeat("a", 500)} {
		require.Empty(t, subjects.Name(nobody), "%q", nobody)
	}
	require.NotEqual(t, subjects.Name("Maria Anna"), subjects.Name("Mariaanna"))
	require.NotEqual(t, subjects.Name("Иван Петров"), subjects.Name("Иван Сидоров"), "other scripts are letters too")
}

// A form that is normalised again stays: else two ways in would not meet.
func FuzzNormal(f *testing.F) {
	for _, seed := range []string{"+49 30 5550199", "Ada@BÜCHER.example", "Jürgen Müller", "uee", "Żółć", "a@b", "\u0345\u0300", "ﬁ@ﬁ.example", "0@..", "a@b。", "ᾳ", "İ", "ꮮ", "Ǆ"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if phone := subjects.Phone(text, "DE"); phone != "" && subjects.Phone(phone, "FR") != phone {
			t.Errorf("%q: %q is %q when read again", text, phone, subjects.Phone(phone, "FR"))
		}
		if mail := subjects.Email(text); mail != "" && subjects.Email(mail) != mail {
			t.Errorf("%q: %q is %q when read again", text, mail, subjects.Email(mail))
		}
		name := subjects.Name(text)
		if name != "" && len(name) <= 400 && subjects.Name(name) != name {
			t.Errorf("%q: %q is %q when read again", text, name, subjects.Name(name))
		}
		if subjects.Name(strings.ToUpper(text)) == "" && name != "" && len(strings.ToUpper(text)) <= 400 {
			t.Errorf("%q: upper case loses the name", text)
		}
	})
}
