package pii

// readPhone reads digits and the signs between them from i on.
func readPhone(text string, i int) phoneRun {
	run := phoneRun{start: i, zero: -1}
	run.lead(text)
	count, open := 0, run.start < i && text[i-1] == '('
	for at := i; run.n < mostPhoneGroups; {
		begin := at
		for at < len(text) && isDigit(text[at]) && count < len(run.digits) {
			run.digits[count] = text[at]
			count++
			at++
		}
		if at == begin || count == len(run.digits) || at < len(text) && (isLetter(text[at]) || text[at] >= 0x80) {
			return run
		}
		closed := open && at < len(text) && text[at] == ')'
		if closed && at-begin == 1 && text[begin] == '0' && run.n > 0 {
			run.zero = count - 1
		}
		run.groups[run.n] = phoneGroup{at, count}
		run.n++
		at, open = run.between(text, at, open)
		if at < 0 {
			return run
		}
	}
	return run
}

// lead takes in the signs before the first digit.
func (run *phoneRun) lead(text string) {
	at := run.start
	if at > 0 && text[at-1] == '(' {
		at--
	}
	if at > 0 && text[at-1] == '+' {
		at--
		run.plus = true
	}
	if at > 0 && text[at-1] == '(' && run.plus {
		at--
	}
	if at > 0 && (isAlnum(text[at-1]) || text[at-1] == '+') {
		return
	}
	run.start = at
}

// between skips the signs between two groups: at most three, one bracket of each
// kind. It gives -1 where no group follows.
func (run *phoneRun) between(text string, at int, open bool) (int, bool) {
	for n := 0; at < len(text) && n < 4; n++ {
		switch b := text[at]; {
		case isDigit(b):
			if n == 0 {
				return -1, open
			}
			return at, open
		case b == ' ':
		case n == 0 && b == ',' && commaBetween(text, at):
			run.commas = true
		case b == '-' || b == '.' || b == '/':
			run.others = true
		case b == '(' && !open:
			open = true
		case b == ')' && open:
			open = false
		default:
			return -1, open
		}
		at++
	}
	return -1, open
}
