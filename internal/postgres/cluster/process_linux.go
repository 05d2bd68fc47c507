package cluster

import "syscall"

// processAttributes let the child run as account, out of reach of the
// terminal's Ctrl-C, and end (by a fast shutdown) when its parent does.
func processAttributes(account *account) *syscall.SysProcAttr {
	attributes := &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGINT}
	if account != nil {
		attributes.Credential = &syscall.Credential{Uid: account.uid, Gid: account.gid}
	}
	return attributes
}

// endOrphan does nothing: the kernel has told the server already.
func endOrphan(string) {}
