"""How the network is put on machines; `deploy.local` puts it on this one."""
