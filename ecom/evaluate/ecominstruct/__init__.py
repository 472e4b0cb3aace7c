"""EcomInstruct's task folders: answers -> scores, comparison, pages.

folder ─► read_gold ─┐
predictions ─► read_answers ─► rate ─► statistics, a row each ─► scores, compare ─► page
"""
