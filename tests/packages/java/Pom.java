import java.io.File;
import org.apache.maven.model.Dependency;
import org.apache.maven.model.Model;
import org.apache.maven.model.building.DefaultModelBuilderFactory;
import org.apache.maven.model.building.DefaultModelBuildingRequest;

/** Reads a pom as Maven does, and prints its name and dependencies. */
final class Pom {
    public static void main(String[] arguments) throws Exception {
        DefaultModelBuildingRequest request = new DefaultModelBuildingRequest();
        request.setPomFile(new File(arguments[0])).setSystemProperties(System.getProperties());
        Model model = new DefaultModelBuilderFactory().newInstance().build(request).getEffectiveModel();
        System.out.println(model.getId());
        for (Dependency one : model.getDependencies()) {
            System.out.println(one.getManagementKey() + ":" + one.getScope());
        }
    }
}
