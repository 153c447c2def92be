"""What people see: the commonest situations at three sizes and in three languages."""
