package wksmock.junit;

/** The journal of a failed test's clone: its message has a line for each request. It is suppressed by the failure. */
public final class WksmockJournal extends Throwable {
    private static final long serialVersionUID = 1L;

    WksmockJournal(String journal) {
        super(journal, null, false, false);
    }

    @Override
    public String toString() {
        return getMessage();
    }
}
