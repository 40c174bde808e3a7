"""The shell: home, navigation, design system, language."""
