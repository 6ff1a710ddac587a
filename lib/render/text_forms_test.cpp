#include <doctest/doctest.h>

#include "render/render.h"
#include "render/test_programs.h"

using namespace tx;
using render::Format;
using render::Names;

// Expected texts: the tutorial, section 1.
TEST_CASE("the tutorial's first program") {
  const ir::Program program = render::basic_program();
  CHECK(render::render(program, Format::Program) == R"(ExportedProgram:
    class GraphModule(torch.nn.Module):
        def forward(self, arg0_1: f32[10, 100], arg1_1: f32[10], arg2_1: f32[8, 100], arg3_1: f32[8, 100]):
            # File: tutorial.py:69, code: return torch.nn.functional.relu(self.lin(x + y), inplace=True)
            add: f32[8, 100] = torch.ops.aten.add.Tensor(arg2_1, arg3_1);  arg2_1 = arg3_1 = None
            t: f32[100, 10] = torch.ops.aten.t.default(arg0_1);  arg0_1 = None
            addmm: f32[8, 10] = torch.ops.aten.addmm.default(arg1_1, add, t);  arg1_1 = add = t = None
            relu: f32[8, 10] = torch.ops.aten.relu.default(addmm);  addmm = None
            return (relu,)

Graph signature: ExportGraphSignature(input_specs=[InputSpec(kind=<InputKind.PARAMETER: 2>, arg=TensorArgument(name='arg0_1'), target='lin.weight'), InputSpec(kind=<InputKind.PARAMETER: 2>, arg=TensorArgument(name='arg1_1'), target='lin.bias'), InputSpec(kind=<InputKind.USER_INPUT: 1>, arg=TensorArgument(name='arg2_1'), target=None), InputSpec(kind=<InputKind.USER_INPUT: 1>, arg=TensorArgument(name='arg3_1'), target=None)], output_specs=[OutputSpec(kind=<OutputKind.USER_OUTPUT: 1>, arg=TensorArgument(name='relu'), target=None)])
Range constraints: {}
Equality constraints: []
)");
  CHECK(render::render(program, Format::Code) == R"(GraphModule()



def forward(self, arg0_1, arg1_1, arg2_1, arg3_1):
    add = torch.ops.aten.add.Tensor(arg2_1, arg3_1);  arg2_1 = arg3_1 = None
    t = torch.ops.aten.t.default(arg0_1);  arg0_1 = None
    addmm = torch.ops.aten.addmm.default(arg1_1, add, t);  arg1_1 = add = t = None
    relu = torch.ops.aten.relu.default(addmm);  addmm = None
    return (relu,)
)");
  CHECK(render::render(program, Format::Signature) ==
        "ExportGraphSignature(parameters=['lin.weight', 'lin.bias'], buffers=[], "
        "user_inputs=['arg2_1', 'arg3_1'], user_outputs=['relu'], inputs_to_parameters={'arg0_1': "
        "'lin.weight', 'arg1_1': 'lin.bias'}, inputs_to_buffers={}, buffers_to_mutate={}, "
        "backward_signature=None, assertion_dep_token=None)\n");
  CHECK(render::render(program, Format::Graph) == ir::print_graph(program.graph) + "\n");
  CHECK(render::render(program, Format::Graph, Names::Qualified) == R"(graph():
    %p_lin_weight : [num_users=1] = placeholder[target=p_lin_weight]
    %p_lin_bias : [num_users=1] = placeholder[target=p_lin_bias]
    %x : [num_users=1] = placeholder[target=x]
    %y : [num_users=1] = placeholder[target=y]
    %add : [num_users=1] = call_function[target=torch.ops.aten.add.Tensor](args = (%x, %y), kwargs = {})
    %t : [num_users=1] = call_function[target=torch.ops.aten.t.default](args = (%p_lin_weight,), kwargs = {})
    %addmm : [num_users=1] = call_function[target=torch.ops.aten.addmm.default](args = (%p_lin_bias, %add, %t), kwargs = {})
    %relu : [num_users=1] = call_function[target=torch.ops.aten.relu.default](args = (%addmm,), kwargs = {})
    return (relu,)
)");
}

// Expected text: torch 2.13 for the tutorial's section 3, with the tutorial's names and without
// quotes around annotations.
TEST_CASE("sub-graphs, tuples and values that are used nowhere") {
  const ir::Program program = ir::parse_program(R"(graph():
    %arg0_1 : f32[3, 3] = placeholder[target=arg0_1]
    %sum_1 : f32[] = call_function[target=torch.ops.aten.sum.default](args = (%arg0_1,), kwargs = {})
    %gt : b8[] = call_function[target=torch.ops.aten.gt.Scalar](args = (%sum_1, 0), kwargs = {})
    %true_graph_0 = get_attr[target=true_graph_0]
    %false_graph_0 = get_attr[target=false_graph_0]
    %cond : (f32[3, 3]) = call_function[target=torch.ops.higher_order.cond](args = (%gt, %true_graph_0, %false_graph_0, (%arg0_1,)), kwargs = {})
    %getitem : f32[3, 3] = call_function[target=operator.getitem](args = (%cond, 0), kwargs = {})
    %max_1 : (f32[3], i64[3]) = call_function[target=torch.ops.aten.max.dim](args = (%getitem, 1), kwargs = {})
    %getitem_1 : f32[3] = call_function[target=operator.getitem](args = (%max_1, 0), kwargs = {})
    %getitem_2 : i64[3] = call_function[target=operator.getitem](args = (%max_1, 1), kwargs = {})
    %copy_ : f32[3] = call_function[target=torch.ops.aten.copy_.default](args = (%getitem_1, %getitem_1), kwargs = {})
    return (getitem, getitem_2))"
"\n\ntrue_graph_0 = graph():\n"
"    %arg0_1 : f32[3, 3] = placeholder[target=arg0_1]\n"
"    %sin : f32[3, 3] = call_function[target=torch.ops.aten.sin.default](args = (%arg0_1,), kwargs = {})\n"
"    return (sin,)"
"\n\nfalse_graph_0 = graph():\n"
"    %arg0_1 : f32[3, 3] = placeholder[target=arg0_1]\n"
"    %cos : f32[3, 3] = call_function[target=torch.ops.aten.cos.default](args = (%arg0_1,), kwargs = {})\n"
"    return (cos,)");
  const std::string text = render::render(program, Format::Program);
  CHECK(text.substr(0, text.find("\n\nGraph signature: ")) == R"(ExportedProgram:
    class GraphModule(torch.nn.Module):
        def forward(self, arg0_1: f32[3, 3]):
            sum_1: f32[] = torch.ops.aten.sum.default(arg0_1)
            gt: b8[] = torch.ops.aten.gt.Scalar(sum_1, 0);  sum_1 = None
            true_graph_0 = self.true_graph_0
            false_graph_0 = self.false_graph_0
            cond = torch.ops.higher_order.cond(gt, true_graph_0, false_graph_0, (arg0_1,));  gt = true_graph_0 = false_graph_0 = arg0_1 = None
            getitem: f32[3, 3] = cond[0];  cond = None
            max_1 = torch.ops.aten.max.dim(getitem, 1)
            getitem_1: f32[3] = max_1[0]
            getitem_2: i64[3] = max_1[1];  max_1 = None
            copy_: f32[3] = torch.ops.aten.copy_.default(getitem_1, getitem_1);  getitem_1 = copy_ = None
            return (getitem, getitem_2)

        class true_graph_0(torch.nn.Module):
            def forward(self, arg0_1: f32[3, 3]):
                sin: f32[3, 3] = torch.ops.aten.sin.default(arg0_1);  arg0_1 = None
                return (sin,)

        class false_graph_0(torch.nn.Module):
            def forward(self, arg0_1: f32[3, 3]):
                cos: f32[3, 3] = torch.ops.aten.cos.default(arg0_1);  arg0_1 = None
                return (cos,))");
  const std::string code = render::render(program, Format::Code);
  CHECK(code.starts_with("GraphModule(\n  (true_graph_0): GraphModule()\n"
                         "  (false_graph_0): GraphModule()\n)\n\n\n\ndef forward(self, arg0_1):\n"
                         "    sum_1 = torch.ops.aten.sum.default(arg0_1)\n"));
}

// Expected text: torch 2.13 for a forward(self, sum, add, cond) that sums and adds.
TEST_CASE("arguments that are called like builtins and operators") {
  ir::Program program = ir::parse_program(R"(graph():
    %arg0_1 : f32[2] = placeholder[target=arg0_1]
    %arg1_1 : f32[2] = placeholder[target=arg1_1]
    %sum_1 : f32[] = call_function[target=torch.ops.aten.sum.default](args = (%arg0_1,), kwargs = {})
    %add : f32[2] = call_function[target=torch.ops.aten.add.Tensor](args = (%arg1_1, %sum_1), kwargs = {})
    %add_1 : f32[2] = call_function[target=torch.ops.aten.add.Tensor](args = (%add, 1), kwargs = {})
    return (add_1,))");
  program.inputs[0].qualified_name = "sum";
  program.inputs[1].qualified_name = "add";
  CHECK(render::render(program, Format::Graph, Names::Qualified) == R"(graph():
    %sum : [num_users=1] = placeholder[target=sum]
    %add : [num_users=1] = placeholder[target=add]
    %sum_1 : [num_users=1] = call_function[target=torch.ops.aten.sum.default](args = (%sum,), kwargs = {})
    %add_1 : [num_users=1] = call_function[target=torch.ops.aten.add.Tensor](args = (%add, %sum_1), kwargs = {})
    %add_2 : [num_users=1] = call_function[target=torch.ops.aten.add.Tensor](args = (%add_1, 1), kwargs = {})
    return (add_2,)
)");
  CHECK(render::render(program, Format::Code, Names::Qualified) == R"(GraphModule()



def forward(self, sum, add):
    sum_1 = sum
    sum_2 = torch.ops.aten.sum.default(sum_1);  sum_1 = None
    add_1 = torch.ops.aten.add.Tensor(add, sum_2);  add = sum_2 = None
    add_2 = torch.ops.aten.add.Tensor(add_1, 1);  add_1 = None
    return (add_2,)
)");
}

// Expected text: torch 2.13 (sizes renamed).
TEST_CASE("numbers that the program computes, and places that change") {
  ir::Program program = ir::parse_program(R"(graph():
    %arg0_1 : f32[s0, 3] = placeholder[target=arg0_1]
    %sym_size : Sym(s0) = call_function[target=torch.ops.aten.sym_size.int](args = (%arg0_1, 0), kwargs = {})
    %mul : Sym(2*s0) = call_function[target=operator.mul](args = (%sym_size, 2), kwargs = {})
    %add : Sym(2*s0 + 1) = call_function[target=operator.add](args = (%mul, 1), kwargs = {})
    %zeros : f32[2*s0 + 1] = call_function[target=torch.ops.aten.zeros.default](args = ([%add],), kwargs = {device: cpu, pin_memory: False})
    %neg : Sym(-s0) = call_function[target=operator.neg](args = (%sym_size,), kwargs = {})
    %sym_max : Sym(s0) = call_function[target=torch.sym_max](args = (%sym_size, 2), kwargs = {})
    %floor : Sym(s0) = call_function[target=math.floor](args = (%sym_max,), kwargs = {})
    return (zeros, neg, floor))");
  const uint32_t first = program.source.intern(ir::Frame{"m.py", 3, 1, "forward", "  n = x.size(0) "});
  const uint32_t second = program.source.intern(ir::Frame{"m.py", 4, 1, "forward", ""});
  for (const ir::NodeId id : {1, 2})
    program.graph.nodes[id].location = program.source.intern(ir::Location{{first}, ""});
  program.graph.nodes[3].location = program.source.intern(ir::Location{{second}, ""});
  program.range_constraints = {{ir::Expr::symbol("s0"), {2, ir::kUnbounded}},
                               {ir::Expr(2) * ir::Expr::symbol("s0"), {4, 32}}};
  CHECK(render::render(program, Format::Program) == R"(ExportedProgram:
    class GraphModule(torch.nn.Module):
        def forward(self, arg0_1: f32[s0, 3]):
            # File: m.py:3, code: n = x.size(0)
            sym_size: Sym(s0) = torch.ops.aten.sym_size.int(arg0_1, 0);  arg0_1 = None
            mul: Sym(2*s0) = sym_size * 2

            # File: m.py:4
            add: Sym(2*s0 + 1) = mul + 1;  mul = None

            # No stacktrace found for following nodes
            zeros: f32[2*s0 + 1] = torch.ops.aten.zeros.default([add], device = device(type='cpu'), pin_memory = False);  add = None
            neg: Sym(-s0) = -sym_size
            sym_max: Sym(s0) = torch.sym_max(sym_size, 2);  sym_size = None
            floor: Sym(s0) = math_floor(sym_max);  sym_max = None
            return (zeros, neg, floor)

Graph signature: ExportGraphSignature(input_specs=[InputSpec(kind=<InputKind.USER_INPUT: 1>, arg=TensorArgument(name='arg0_1'), target=None)], output_specs=[OutputSpec(kind=<OutputKind.USER_OUTPUT: 1>, arg=TensorArgument(name='zeros'), target=None), OutputSpec(kind=<OutputKind.USER_OUTPUT: 1>, arg=SymIntArgument(name='neg'), target=None), OutputSpec(kind=<OutputKind.USER_OUTPUT: 1>, arg=SymIntArgument(name='floor'), target=None)])
Range constraints: {s0: RangeConstraint(min_val=2, max_val=9223372036854775806), 2*s0: RangeConstraint(min_val=4, max_val=32)}
Equality constraints: []
)");
}

TEST_CASE("constants, mutations and equalities in the signature") {
  ir::Program program = ir::parse_program(R"(graph():
    %arg0_1 : f32[2] = placeholder[target=arg0_1]
    %arg1_1 : f32[2] = placeholder[target=arg1_1]
    %arg2_1 : f32[2, s0] = placeholder[target=arg2_1]
    %arg3_1 : f32[s0] = placeholder[target=arg3_1]
    %arg4_1 = placeholder[target=arg4_1]
    %arg5_1 = placeholder[target=arg5_1]
    %add : f32[2] = call_function[target=torch.ops.aten.add.Tensor](args = (%arg0_1, 1), kwargs = {})
    %mul : f32[s0] = call_function[target=torch.ops.aten.mul.Tensor](args = (%arg3_1, 2), kwargs = {})
    %gelu : f32[2, s0] = call_function[target=torch.ops.aten.gelu.default](args = (%arg2_1,), kwargs = {approximate: tanh})
    return (add, mul, gelu, 3, None))");
  program.inputs[0] = {ir::InputKind::Buffer, 0, "bn.mean", "b_bn_mean", "", {}};
  program.inputs[1] = {ir::InputKind::ConstantTensor, 1, "lifted_tensor_0", "c_lifted_tensor_0", "", {}};
  program.inputs[2].qualified_name = "x";
  program.inputs[3].qualified_name = "y";
  program.inputs[4].constant = ir::Argument(int64_t{3});
  program.inputs[5].constant = ir::Argument(std::string("sum"));
  program.outputs[0] = {ir::OutputKind::BufferMutation, program.outputs[0].value, "bn.mean"};
  program.outputs[1] = {ir::OutputKind::UserInputMutation, program.outputs[1].value, "arg3_1"};
  program.equality_constraints = {{{2, 1}, {3, 0}}};

  const std::string text = render::render(program, Format::Program, Names::Qualified);
  CHECK(text.find("forward(self, b_bn_mean: f32[2], c_lifted_tensor_0: f32[2], x: f32[2, s0], "
                  "y: f32[s0], arg4_1, arg5_1):") != text.npos);
  CHECK(text.find("approximate = 'tanh'") != text.npos);
  CHECK(text.find("return (add, mul, gelu, 3, None)\n") != text.npos);
  CHECK(text.find("InputSpec(kind=<InputKind.BUFFER: 3>, arg=TensorArgument(name='b_bn_mean'), "
                  "target='bn.mean'), InputSpec(kind=<InputKind.CONSTANT_TENSOR: 4>, "
                  "arg=TensorArgument(name='c_lifted_tensor_0'), target='lifted_tensor_0')") != text.npos);
  CHECK(text.find("InputSpec(kind=<InputKind.USER_INPUT: 1>, arg=ConstantArgument(value=3), "
                  "target=None), InputSpec(kind=<InputKind.USER_INPUT: 1>, "
                  "arg=ConstantArgument(value='sum'), target=None)]") != text.npos);
  CHECK(text.find("output_specs=[OutputSpec(kind=<OutputKind.BUFFER_MUTATION: 3>, "
                  "arg=TensorArgument(name='add'), target='bn.mean'), "
                  "OutputSpec(kind=<OutputKind.USER_INPUT_MUTATION: 6>, "
                  "arg=TensorArgument(name='mul'), target='y')") != text.npos);
  CHECK(text.find("OutputSpec(kind=<OutputKind.USER_OUTPUT: 1>, arg=ConstantArgument(value=3), "
                  "target=None), OutputSpec(kind=<OutputKind.USER_OUTPUT: 1>, "
                  "arg=ConstantArgument(value=None), target=None)])") != text.npos);
  CHECK(render::render(program, Format::Program)
            .ends_with("Equality constraints: [(InputDim(input_name='arg2_1', dim=1), "
                       "InputDim(input_name='arg3_1', dim=0))]\n"));
  CHECK(render::render(program, Format::Signature) ==
        "ExportGraphSignature(parameters=[], buffers=['bn.mean'], user_inputs=['arg2_1', 'arg3_1', "
        "3, 'sum'], user_outputs=['gelu', 3, None], inputs_to_parameters={}, "
        "inputs_to_buffers={'arg0_1': 'bn.mean'}, inputs_to_lifted_tensor_constants={'arg1_1': "
        "'lifted_tensor_0'}, buffers_to_mutate={'add': 'bn.mean'}, user_inputs_to_mutate={'mul': "
        "'arg3_1'}, backward_signature=None, assertion_dep_token=None)\n");
}

TEST_CASE("qualified names reach the placeholders of sub-graphs") {
  ir::Program program = ir::parse_program(R"(graph():
    %arg0_1 : f32[3] = placeholder[target=arg0_1]
    %arg1_1 : f32[3] = placeholder[target=arg1_1]
    %true_graph_0 = get_attr[target=true_graph_0]
    %cond : (f32[3]) = call_function[target=torch.ops.higher_order.cond](args = (True, %true_graph_0, %true_graph_0, (%arg1_1, %arg0_1)), kwargs = {})
    %getitem : f32[3] = call_function[target=operator.getitem](args = (%cond, 0), kwargs = {})
    return (getitem,)

true_graph_0 = graph():
    %arg0_1 : f32[3] = placeholder[target=arg0_1]
    %arg1_1 : f32[3] = placeholder[target=arg1_1]
    %sub : f32[3] = call_function[target=torch.ops.aten.sub.Tensor](args = (%arg0_1, %arg1_1), kwargs = {})
    return (sub,))");
  program.inputs[0].qualified_name = "x";
  program.inputs[1].qualified_name = "sub";
  const std::string text = render::render(program, Format::Program, Names::Qualified);
  CHECK(text.find("            def forward(self, sub: f32[3], x: f32[3]):\n"
                  "                sub_1: f32[3] = torch.ops.aten.sub.Tensor(sub, x);  sub = x = None\n"
                  "                return (sub_1,)\n") != text.npos);
}

TEST_CASE("a program without inputs and outputs") {
  const ir::Program program = ir::parse_program("graph():\n    return ()");
  CHECK(render::render(program, Format::Code) ==
        "GraphModule()\n\n\n\ndef forward(self):\n    return ()\n");
}

TEST_CASE("words of formats") {
  CHECK(render::parse_format("program") == Format::Program);
  CHECK(render::parse_format("dot") == Format::Dot);
  CHECK_FALSE(render::parse_format("html"));
  CHECK(render::parse_names("qualified") == Names::Qualified);
  CHECK_FALSE(render::parse_names("modern"));
  CHECK(render::format_words().size() == 6);
}
