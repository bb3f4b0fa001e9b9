"""From webhooks to commands: what is kept, what was missed, and what each delivery asks for."""
